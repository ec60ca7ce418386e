# Objects whose maps ask to be pinned by their names, as those of xdp-tools do.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $object = Join-Path $repoRoot tests kernel bin Release net8.0 objects pinned.bpf.o
    $counts = '/sys/fs/bpf/ebpfps_test_counts'
    $second = '/sys/fs/bpf/ebpfps_test_second'
    Add-Type -Namespace PinTests -Name Native -MemberDefinition '[System.Runtime.InteropServices.DllImport("libc")] public static extern int getppid();'

    function Get-Pin { @(Get-ChildItem /sys/fs/bpf -Filter ebpfps_test_* | ForEach-Object FullName) }

    # A session of the object, and what was said on the way.
    function Start-Pinning {
        $all = @(Start-EbpfProbe -Path $object -Variable @{ traced_pid = $PID } -Verbose 4>&1)
        [pscustomobject]@{
            Session = $all | Where-Object { $_ -is [EbpfPs.Probes.ProbeSession] }
            Said = @($all | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message)
        }
    }
}

Describe 'Maps that an object wants pinned' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach {
        Get-ChildItem /sys/fs/bpf -Filter ebpfps_test_* | Remove-Item
        Assert-NothingHeld
    }

    It 'are not pinned with -WhatIf' {
        $said = @(Start-EbpfProbe -Path $object -WhatIf -Verbose 4>&1 6>$null | ForEach-Object { "$_" })
        Get-Pin | Should -BeNullOrEmpty
        $said -match "^Map 'ebpfps_test_counts' would be pinned at $counts, as the object wants it" | Should -HaveCount 1
    }

    It 'are pinned by a start, which says so, and stay until they are removed' {
        $run = Start-Pinning
        [void][PinTests.Native]::getppid()
        $run.Session | Stop-EbpfProbe | Out-Null
        $run.Said -match "^Map '.*' is pinned at /sys/fs/bpf/.* and stays there after the session: Remove-EbpfPin removes it" | Should -HaveCount 2
        $run.Session.PinnedMaps.Path | Should -Be $counts, $second
        Get-Pin | Should -Be $counts, $second
        (Get-EbpfMap -Path $counts | Get-EbpfMapEntry).calls | Should -Be 1
        Remove-EbpfPin $counts, $second
        Get-Pin | Should -BeNullOrEmpty
    }

    It 'are used, with their entries and the object''s names for them, by the next start' {
        foreach ($time in 1, 2) {
            $run = Start-Pinning
            [void][PinTests.Native]::getppid()
            $entry = $run.Session | Get-EbpfMapEntry -Name ebpfps_test_counts
            $run.Session | Stop-EbpfProbe | Out-Null
            $entry.Key | Should -Be $PID
            $entry.calls | Should -Be $time
        }

        $run.Said -match "^Map 'ebpfps_test_counts' is the one that was pinned at $counts before" | Should -HaveCount 1
        $run.Session.PinnedMaps.WasThere | Should -Be $true, $true
        Remove-EbpfPin $second
        Start-EbpfProbe -Path $object | Stop-EbpfProbe | Out-Null
        Get-Pin | Should -Be $counts, $second
    }

    It 'can not be where another map is pinned, and what differs is said: <How>' -ForEach @(@{ How = 'started'; WhatIf = $false }, @{ How = 'tried'; WhatIf = $true }) {
        $other = Start-EbpfProbe -Path (Join-Path (Split-Path $object) records.bpf.o) -WarningAction Ignore
        $map = $other | Get-EbpfMap -Name counts
        $null = New-EbpfPin -InputObject $map -Path $counts
        $other | Stop-EbpfProbe | Out-Null
        $problem = Get-TheError { Start-EbpfProbe -Path $object -WhatIf:$WhatIf 6>$null }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target $counts `
            -Message "wants its map 'ebpfps_test_counts' pinned at '$counts', where map \d+ is pinned, which doesn't fit: kind Array, not Hash, number of entries 1, not 16\." -Action Remove-EbpfPin
        Get-Pin | Should -Be $counts
    }

    It 'can not be where a program is pinned' {
        $other = Start-EbpfProbe -Path (Join-Path (Split-Path $object) printing.bpf.o)
        $null = Get-EbpfProgram -Name prints | Select-Own | New-EbpfPin -Path $counts
        $other | Stop-EbpfProbe | Out-Null
        Get-Pin | Should -Be $counts -Because 'the program must be pinned'
        $problem = Get-TheError { Start-EbpfProbe -Path $object }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target $counts -Message 'where a program is pinned' -Action Remove-EbpfPin
    }

    It 'leave nothing where the start fails' {
        # No pin can be made where a folder is: the first has been by then.
        $null = New-Item -ItemType Directory $second
        $problem = Get-TheError { Start-EbpfProbe -Path $object }
        $problem.ToString() | Should -Match "ebpfps_test_second"
        Get-Pin | Should -Be $second
    }
}
