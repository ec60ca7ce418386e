# Get-EbpfLink for what is attached without a link: by ip, tc and bpftool, in a network namespace of the test's own.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = "/sys/fs/bpf/ebpfps-net-$PID"
}

Describe 'What is attached without a link' -Skip:(-not (Get-Command tc -CommandType Application -ErrorAction Ignore)) {
    BeforeAll {
        Save-HeldDescriptor
        New-Item -ItemType Directory $folder | Out-Null
        $result = Invoke-OtherPwsh -Launcher unshare, -n @"
            ip link add pst-a type veth peer name pst-b
            `$program = 'SEC("xdp") int pst_lets_frames_in(struct xdp_md *frame) { return 2; } SEC("tc") int pst_lets_packets_on(struct __sk_buff *packet) { return -1; }'
            `$session = Start-EbpfProbe -Source `$program -Interface pst-b
            Get-EbpfProgram pst_lets_* | ForEach-Object { `$_ | New-EbpfPin "$folder/`$(`$_.Name)" } | Out-Null
            `$linked = @(Get-EbpfProgram pst_lets_frames_in | Get-EbpfLink)
            `$session | Stop-EbpfProbe | Out-Null
            ip link set dev pst-a xdpgeneric pinned $folder/pst_lets_frames_in
            tc qdisc add dev pst-a clsact
            tc filter add dev pst-a egress pref 7 bpf da object-pinned $folder/pst_lets_packets_on
            `$links = @(Get-EbpfProgram pst_lets_* | Get-EbpfLink)
            try { `$links[0] | New-EbpfPin "$folder/link" -ErrorAction Stop } catch { `$refused = `$_ }
            [pscustomobject]@{
                Linked = @(`$linked.ForEach{ "`$(`$_.Id -gt 0) `$(`$_.Type) `$(`$_.Target) `$(`$_.Mode)" })
                Links = @(`$links.ForEach{ "`$(`$_.Id) `$(`$_.Type) `$(`$_.AttachType) `$(`$_.Target) `$(`$_.Mode)" })
                Named = @((Get-EbpfLink pst_lets_packets_on).Target)
                Programs = @((`$links | Get-EbpfProgram).Name)
                Table = @((`$links | Format-Table | Out-String -Width 110).Split("``n").TrimEnd() | Where-Object Length)
                Csv = @(`$links | ConvertTo-Csv | ConvertFrom-Csv | ForEach-Object { "`$(`$_.Id),`$(`$_.Mode)" })
                Told = (bpftool -j net | ConvertFrom-Json).xdp.id -eq `$links[0].ProgramId
                Refused = "`$refused"
                RefusedId = `$refused.FullyQualifiedErrorId
            }
"@
    }

    AfterAll {
        Remove-Item $folder -Recurse -Force
        Assert-NothingHeld
    }

    It 'has no number, and says where and how it is attached' {
        $result.Links | Should -Be ' Xdp  pst-a generic', ' Tc TcEgress pst-a pref 7 chain 0 handle 0x1 bpf pst_lets_packets_on:[*fsobj] direct-action'
        $result.Told | Should -BeTrue
    }

    It 'is not told of what has a link' {
        $result.Linked | Should -Be 'True Xdp pst-b '
    }

    It 'is found by its program, and its program by it' {
        $result.Named | Should -Be pst-a
        $result.Programs | Should -Be pst_lets_frames_in, pst_lets_packets_on
    }

    It 'is shown in the same table as links' {
        $result.Table | Should -Be @(
            '    Id Hook               Target                   ProgramName        Held by'
            '    -- ----               ------                   -----------        -------'
            '       Xdp                pst-a                    pst_lets_frames_in'
            '       TcEgress           pst-a                    pst_lets_packets_…'
        )
    }

    It 'goes through CSV' {
        $result.Csv | Should -Be ',generic', ',pref 7 chain 0 handle 0x1 bpf pst_lets_packets_on:[*fsobj] direct-action'
    }

    It 'can''t be pinned' {
        $result.Refused | Should -Match 'pst_lets_frames_in is attached without a link'
        $result.RefusedId | Should -Be 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.NewEbpfPinCommand'
    }
}
