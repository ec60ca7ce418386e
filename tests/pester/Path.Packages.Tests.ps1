# Objects that Debian's packages ship, as their authors made them: each is loaded, or refused for the reason that is
# expected of it.

BeforeDiscovery {
    $xdpFolder = '/usr/lib/x86_64-linux-gnu/bpf', '/usr/lib/aarch64-linux-gnu/bpf' | Where-Object { Test-Path "$_/xdpdump_xdp.o" } | Select-Object -First 1
    $groups = @(
        @{ Package = 'xdp-tools'; Folder = $xdpFolder; Filter = '*.o'; Least = 15; Refusals = @{ 'xdpdump_bpf.o' = "failed to find kernel BTF type ID of 'func'" } }
        @{ Package = 'ir-keytable'; Folder = '/lib/udev/rc_keymaps/protocols'; Filter = '*.o'; Least = 9; Refusals = @{ '*' = 'relocations can.t be resolved' } }
        @{
            Package = 'golang-github-cilium-ebpf-dev'; Folder = '/usr/share/gocode/src/github.com/cilium/ebpf'; Filter = '*.elf'; Least = 30
            Refusals = [ordered]@{
                '*-eb.elf' = 'machines with the highest byte first'
                'relocs_read-el.elf' = 'which this kernel doesn.t have'
                'strings-el.elf' = 'only programs under the GPL may call'
                'loader-*' = 'program .* is static and not supported|legacy map definitions'
                'fwd_decl-el.elf' = 'failed to find BTF for extern'
                '*map*' = 'has no program|legacy map definitions|missing BPF prog type'
                'subprog_reloc-el.elf' = 'legacy map definitions'
                'reloc*' = 'has no program|missing BPF prog type'
            }
        }
    )
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # Some of these objects want their maps pinned (LIBBPF_PIN_BY_NAME): a trial must not.
    $pinnedBefore = @(Get-ChildItem /sys/fs/bpf | ForEach-Object Name)

    # What becomes of an object when it is loaded and not attached.
    function Get-Outcome([string] $Path) {
        $global:Error.Clear()
        try {
            $null = Start-EbpfProbe -Path $Path -WhatIf -WarningAction SilentlyContinue -WarningVariable said -ErrorAction Stop 6>$null
            [pscustomobject]@{ Name = Split-Path -Leaf $Path; Outcome = 'loaded'; Reason = $said -join ' ' }
        }
        catch {
            $_.FullyQualifiedErrorId | Should -Match '^EbpfPs\.(InvalidObject|OperationFailed|VerifierRefused|NotSupported|PermissionDenied),'
            [pscustomobject]@{ Name = Split-Path -Leaf $Path; Outcome = 'refused'; Reason = $_.Exception.Message }
        }
    }
}

Describe 'Objects of <Package>' -ForEach $groups {
    It 'are loaded, or refused for a known reason' -Skip:(-not ($Folder -and (Test-Path $Folder))) {
        Save-HeldDescriptor
        $outcomes = @(Get-ChildItem $Folder -Recurse -Filter $Filter | ForEach-Object { Get-Outcome $_.FullName })
        Assert-NothingHeld
        (Get-ChildItem /sys/fs/bpf | ForEach-Object Name) | Should -Be $pinnedBefore -Because 'a trial leaves no pins'
        $outcomes | ForEach-Object { Write-Host ('      {0,-8} {1,-28} {2}' -f $_.Outcome, $_.Name, $_.Reason) }
        $outcomes.Count | Should -BeGreaterOrEqual $Least
        foreach ($one in $outcomes | Where-Object Outcome -EQ refused) {
            $pattern = $Refusals.Keys | Where-Object { $one.Name -like $_ } | Select-Object -First 1
            $pattern | Should -Not -BeNullOrEmpty -Because "$($one.Name) should be loaded, and not: $($one.Reason)"
            $one.Reason | Should -Match $Refusals[$pattern] -Because $one.Name
        }
    }
}

# Programs of libbpf-tools carry their objects within themselves: what their own code does with them is left out here.
Describe 'Objects of libbpf-tools' -Skip:(-not (Test-Path /usr/sbin/execsnoop) -or -not (Get-Command dpkg-query -ErrorAction Ignore)) {
    BeforeAll {
        # Each ELF file of eBPF (machine 247) in a program: as long as its table of sections says, which stands at the end.
        function Export-Object([string] $File, [string] $Folder) {
            $bytes = [IO.File]::ReadAllBytes($File)
            $text = [Text.Encoding]::Latin1.GetString($bytes)
            for ($at = $text.IndexOf("`u{7f}ELF", 1, [StringComparison]::Ordinal); $at -gt 0; $at = $text.IndexOf("`u{7f}ELF", $at + 1, [StringComparison]::Ordinal)) {
                if ($at + 64 -le $bytes.Length -and [BitConverter]::ToUInt16($bytes, $at + 18) -eq 247) {
                    $length = [BitConverter]::ToInt64($bytes, $at + 40) + 64 * [BitConverter]::ToUInt16($bytes, $at + 60)
                    $path = Join-Path $Folder "$(Split-Path -Leaf $File).bpf.o"
                    [IO.File]::WriteAllBytes($path, $bytes[$at..($at + $length - 1)])
                    return $path
                }
            }
        }

        $objects = @(dpkg-query -L libbpf-tools | Where-Object { $_ -like '/usr/sbin/*' } | ForEach-Object { Export-Object $_ $TestDrive })
        $own = "policy of this kernel|find kernel BTF type|which this kernel doesn't have|no kprobes"
    }

    It 'are loaded, or refused for what this kernel lacks' {
        Save-HeldDescriptor
        $outcomes = @($objects | ForEach-Object { Get-Outcome $_ })
        Assert-NothingHeld
        $outcomes | ForEach-Object { Write-Host ('      {0,-8} {1,-24} {2}' -f $_.Outcome, $_.Name, $_.Reason) }
        $outcomes.Count | Should -BeGreaterOrEqual 40
        @($outcomes | Where-Object Outcome -EQ loaded).Count | Should -BeGreaterOrEqual 40
        $outcomes | Where-Object Outcome -EQ refused | ForEach-Object { $_.Reason | Should -Match $own -Because $_.Name }
    }

    It 'give records: <Tool>' -ForEach @(
        @{ Tool = 'execsnoop'; Variable = @{ targ_uid = [uint]::MaxValue; max_args = 20 }; Work = { /bin/sh -c 'exec /bin/true few words' }; Expect = { $_.comm -eq 'true' -and $_.args -eq '/bin/true' -and $_.args_count -eq 3 } }
        @{ Tool = 'sigsnoop'; Variable = @{}; Work = { /bin/sh -c 'kill -CONT $$' }; Expect = { $_.sig -eq 18 -and $_.pid -eq $_.tpid } }
    ) {
        $session = Start-EbpfProbe -Path (Join-Path $TestDrive "$Tool.bpf.o") -Variable $Variable -LossAction Ignore
        $Work.Invoke()
        $records = @($session | Receive-EbpfEvent)
        $loss = $session | Stop-EbpfProbe
        $loss.Undecoded | Should -Be 0
        @($records | Where-Object $Expect).Count | Should -BeGreaterThan 0 -Because "of: $($records | Select-Object -First 20)"
        $records[0].PSTypeNames[0] | Should -BeExactly "EbpfPs.Objects.$Tool.event"
    }

    It 'are attached to functions of files: bashreadline' {
        $path = Join-Path $TestDrive bashreadline.bpf.o
        $problem = Get-TheError { Start-EbpfProbe -Path $path }
        $problem.ToString() | Should -Match 'printret: -UserFunction names no function'
        $session = Start-EbpfProbe -Path $path -UserFunction /bin/bash:main
        $session.Programs.State | Should -Be Attached
        $session | Stop-EbpfProbe | Out-Null
    }

    It 'get maps of a size where they leave it open' {
        $said = @(Start-EbpfProbe -Path (Join-Path $TestDrive offcputime.bpf.o) -WhatIf -Verbose 4>&1 6>$null | ForEach-Object { "$_" })
        $said -match "^Map 'stackmap' has room for 10240 entries: the object doesn't say how many" | Should -HaveCount 1
    }
}

Describe 'xdpdump' {
    It 'gives its records as objects' -Skip:(-not $xdpFolder) -ForEach @{ Folder = $xdpFolder } {
        $configuration = @{ capture_if_ifindex = 1; capture_snaplen = 64; capture_prog_index = 3 }
        $session = Start-EbpfProbe -Path "$Folder/xdpdump_xdp.o" -Interface lo -Variable @{ trace_cfg = $configuration }
        try {
            $client = [Net.Sockets.UdpClient]::new()
            $null = $client.Send([byte[]]::new(200), 200, '127.0.0.1', 9)
            $client.Dispose()
            $packets = @($session | Receive-EbpfEvent -Timeout 10 | Where-Object pkt_len -EQ 242 | Select-Object -First 1)
        }
        finally {
            $session | Stop-EbpfProbe | Out-Null
        }

        # 200 bytes behind headers of Ethernet (14), IPv4 (20) and UDP (8).
        $packets[0].PSObject.TypeNames[0] | Should -BeExactly EbpfPs.Objects.xdpdump_xdp.pkt_trace_metadata
        $packets[0].cap_len | Should -Be 64
        $packets[0].ifindex | Should -Be 1
        $packets[0].prog_index | Should -Be 3
    }
}
