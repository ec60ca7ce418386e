# The probe latency at the prompt, and its warning about terminals. Exact counts and 32-bit callers are in tests/kernel.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # Starts tests/workloads/calling, which waits behind its gate.
    function Start-Calling([string[]] $Argument) {
        $start = [Diagnostics.ProcessStartInfo]::new((Get-Workload calling))
        $Argument | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardOutput.ReadLine() | Should -Be 'ready'
        $process
    }

    function Get-LatencyEvent([string[]] $Calling, [hashtable] $Parameter = @{}) {
        $process = Start-Calling $Calling
        $script:callerId = $process.Id
        @(Get-EventOf -How Start -Parameter (@{ Name = 'latency'; ProcessId = $process.Id } + $Parameter) { Complete-GatedShell $process })
    }
}

Describe 'Probe latency' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'has every property of a slow call' {
        $before = [datetime]::Now
        $event = @(Get-LatencyEvent 'sleep', '1', '20' @{ Syscall = 'nanosleep' })
        $event.Count | Should -Be 1
        $event = $event[0]
        $event | Should -BeOfType EbpfPs.Events.LatencyEvent
        $event.Probe | Should -Be latency
        $event.Syscall | Should -BeExactly nanosleep
        $event.Is32Bit | Should -BeFalse
        $event.Duration | Should -BeOfType timespan
        $event.DurationNs | Should -BeOfType long
        $event.DurationNs | Should -BeGreaterOrEqual 20000000
        $event.Duration.Ticks | Should -Be ([Math]::Floor($event.DurationNs / 100))
        $event.ReturnValue | Should -BeOfType long
        $event.ReturnValue | Should -Be 0
        $event.ErrorNumber | Should -Be 0
        $event.ErrorName | Should -BeExactly ''
        $event.ProcessId | Should -Be $callerId
        $event.ProcessName | Should -Be calling
        $event.UserName | Should -Be root
        $event.Time | Should -BeGreaterOrEqual $before
    }

    It 'leaves out calls under a millisecond, unless -MinimumDuration says otherwise: <Minimum>' -ForEach @(
        @{ Minimum = 0; Count = 5 }
        @{ Minimum = '1ns'; Count = 5 }
        @{ Minimum = '10ms'; Count = 5 }
        @{ Minimum = '1h'; Count = 0 }
        @{ Minimum = [timespan]::Zero; Count = 5 }
    ) {
        @(Get-LatencyEvent 'sleep', '5', '20' @{ Syscall = 'nanosleep'; MinimumDuration = $Minimum }).Count | Should -Be $Count
    }

    It 'has the default of 1 ms without it, and open has none' {
        $events = @(Get-LatencyEvent 'fail', '200' @{ Syscall = 'fsync' })
        @($events | Where-Object DurationNs -LT 1000000) | Should -BeNullOrEmpty
        $shell = Start-GatedShell pst-latency ': </dev/null'
        $opened = @(Get-EventOf -How Start -Parameter @{ Name = 'open'; ProcessId = $shell.Id } { Complete-GatedShell $shell })
        @($opened | Where-Object FileName -EQ /dev/null).Count | Should -Be 1
    }

    It 'shows errors by name, those of the kernel''s own too' {
        @(Get-LatencyEvent 'fail', '3' @{ Syscall = 'fsync'; MinimumDuration = 0 } | ForEach-Object ErrorName) | Should -Be EBADF, EBADF, EBADF
        (Get-LatencyEvent 'signal' @{ Syscall = 'read' }).ErrorName | Should -Be ERESTARTSYS
    }

    It 'times all calls without -Syscall' {
        $events = @(Get-LatencyEvent 'several', '3' @{ MinimumDuration = 0 })
        @($events | Where-Object Syscall -EQ getppid).Count | Should -Be 3
        @($events | Where-Object Syscall -EQ getuid).Count | Should -Be 6
        @($events | Where-Object Syscall -EQ getgid).Count | Should -Be 9
    }

    It 'says how it attached: <Syscall>' -ForEach @(
        @{ Syscall = @{ Syscall = 'read', 'fstat' }; Hooks = 'latency.*\(tracepoint\): tracepoint/syscalls/sys_enter_read, tracepoint/syscalls/sys_enter_newfstat, .*32-bit' }
        @{ Syscall = @{}; Hooks = 'latency.*\(raw tracepoint\): tp_btf/sys_enter, tp_btf/sys_exit' }
    ) {
        $verbose = @(Start-EbpfProbe latency @Syscall -ProcessName no-such-process -Verbose 4>&1)
        $verbose[-1] | Stop-EbpfProbe | Out-Null
        ($verbose | Select-Object -SkipLast 1) -join "`n" | Should -Match $Hooks
    }

    It 'is in the catalogue, as it would attach for all calls' {
        $probe = Get-EbpfProbe -ListAvailable latency
        $probe.Mechanism | Should -Be 'raw tracepoint'
        $probe.EventType | Should -Be ([EbpfPs.Events.LatencyEvent])
    }

    Context 'what it refuses' {
        It 'a name that is no syscall' {
            $problem = Get-TheError { Start-EbpfProbe latency -Syscall raed }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target raed -Message "no syscall 'raed'" -Action "Did you mean 'read'"
        }

        It 'a call that never returns' {
            $problem = Get-TheError { Start-EbpfProbe latency -Syscall read, exit_group }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target exit_group -Message 'never returns' -Action 'exit probe'
        }

        It '-Syscall for another probe' {
            $problem = Get-TheError { Start-EbpfProbe open -Syscall read }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target Syscall -Message 'means nothing to open' -Action latency
        }
    }

    Context 'Tab' {
        It 'offers syscalls with what they take' {
            $offered = Get-Completion 'Watch-EbpfTrace latency -Syscall rea'
            @($offered.CompletionText) | Should -Be read, readahead, readlink, readlinkat, readv
            $offered[0].ToolTip | Should -BeExactly 'read(unsigned int fd, char * buf, size_t count)'
        }

        It 'offers the names of syscalls(2), and none that never returns' {
            $offered = @((Get-Completion 'Start-EbpfProbe latency -Syscall ').CompletionText)
            $offered.Count | Should -BeGreaterThan 250
            $offered | Should -Contain fstat
            $offered | Should -Not -Contain newfstat
            $offered | Should -Not -Contain exit
        }
    }

    Context 'shown on a terminal that it traces' {
        BeforeAll {
            # Runs a line in a pwsh of its own on a pseudo-terminal that script(1) holds, and returns how many errors there were, and
            # its warnings: 0|text.
            function Get-EchoWarning([string] $Line) {
                $file = Join-Path $TestDrive "echo-$([guid]::NewGuid()).txt"
                $text = "Import-Module '$modulePath'; $Line 3>`$null`n[IO.File]::WriteAllText('$file', `"`$(`$Error.Count)|`$warnings`")"
                $ps1 = Join-Path $TestDrive 'echo.ps1'
                Set-Content $ps1 $text
                $null = sh -c 'script -qec "$0" /dev/null </dev/null' "$pwshPath -NoProfile -File '$ps1'"
                [IO.File]::ReadAllText($file)
            }

            $watch = 'Watch-EbpfTrace latency -Duration 0.1 -WarningVariable warnings'
        }

        It 'warns, and names who holds the terminal: <Line>' -ForEach @(
            @{ Line = '' }
            @{ Line = '-Syscall write, mkdir' }
            @{ Line = '-ProcessName scri*' }
            @{ Line = '-UserId 0' }
            @{ Line = '| Format-Table' }
            @{ Line = '| ? Syscall -EQ read' }
        ) {
            Get-EchoWarning "$watch $Line" | Should -Match '^0\|This terminal is traced too: .*\bscript \(\d+\)'
        }

        It 'names this shell where it is not left out' {
            Get-EchoWarning "$watch -ProcessName pwsh -IncludeSelf" | Should -Match '^0\|.*traced too: .*\bpwsh \(\d+\)'
        }

        It 'does not warn: <Line>' -ForEach @(
            @{ Line = '-ProcessName no-such-process' }
            @{ Line = '-ProcessId 1' }
            @{ Line = '-Syscall mkdir' }
            @{ Line = '| Out-Null' }
            @{ Line = '| Measure-Object' }
            @{ Line = '| Export-Csv /dev/null' }
            @{ Line = '> /dev/null' }
        ) {
            Get-EchoWarning "$watch $Line" | Should -BeExactly '0|'
        }

        It 'does not warn where the events become a value first: <Line>' -ForEach @(
            @{ Line = '$x = {0}' }
            @{ Line = '({0}).Count' }
            @{ Line = '@({0})' }
        ) {
            Get-EchoWarning ($Line -f $watch) | Should -BeExactly '0|'
        }

        It 'does not warn for another probe' {
            Get-EchoWarning 'Watch-EbpfTrace open -Duration 0.1 -WarningVariable warnings' | Should -BeExactly '0|'
        }

        It 'warns of a session that runs too' {
            Get-EchoWarning '$p = Start-EbpfProbe latency -MinimumDuration 1h; Watch-EbpfTrace -InputObject $p -Duration 0.1 -WarningVariable warnings' | Should -Match '^0\|This terminal is traced too'
        }

        It 'does not warn where there is no terminal' {
            $result = Invoke-OtherPwsh 'Watch-EbpfTrace latency -Duration 0.1 -ProcessName no-such-process -WarningVariable w; Watch-EbpfTrace latency -MaxEvents 1 -WarningVariable +w | Out-Null; @{ Warnings = @($w | ForEach-Object { "$_" }) }'
            @($result.Warnings | Where-Object { $_ -match 'terminal' }) | Should -BeNullOrEmpty
        }
    }
}
