# Start-EbpfProbe: sessions in the background. Its filters are in Filter.Tests.ps1, what the system refuses in
# Errors.Tests.ps1.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Start-EbpfProbe' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'starts <_> in the background and returns the session' -ForEach 'exec', 'exit', 'open', 'connect' {
        $session = Start-EbpfProbe $_
        try {
            $session | Should -BeOfType EbpfPs.Probes.ProbeSession
            $session.Name | Should -Be $_
            $session.State | Should -Be Running
            $session.StartTime | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
            $session.StopTime | Should -BeNullOrEmpty
            $session.BufferSize | Should -Be 8MB -Because 'it is the default'
            $session.HasReader | Should -BeFalse
            @($session.Probes.Spec.Name) | Should -Be $_
            $held = Get-HeldObject
            @($held -like 'prog_id *').Count | Should -BeGreaterThan 0
            @($held -like 'map_id *').Count | Should -BeGreaterThan 0
        }
        finally {
            $session | Stop-EbpfProbe | Out-Null
        }
    }

    It 'starts several probes as one session with one ring, in the order of time' {
        $tool = New-Tool pst-several
        $session = Start-EbpfProbe open, exec, exit -IncludeChild -ProcessName pst-several
        try {
            1..5 | ForEach-Object { & $tool }
            $events = @(Receive-EbpfEvent $session)
        }
        finally {
            Stop-EbpfProbe $session | Out-Null
        }

        $session.Name | Should -Be 'open+exec+exit'
        @($events | Where-Object Probe -EQ exec).Count | Should -Be 5
        @($events | Where-Object Probe -EQ exit).Count | Should -Be 5
        @($events | Where-Object Probe -EQ open).Count | Should -BeGreaterOrEqual 5 -Because 'the loader opens libc for each'
        $events.TimestampNs | Should -Be @($events.TimestampNs | Sort-Object)
    }

    It 'takes probe names in any case' {
        $session = Start-EbpfProbe EXEC
        $session.Name | Should -Be exec
        Stop-EbpfProbe $session | Out-Null
    }

    It 'takes wildcards over probe names, each probe once' {
        $session = Start-EbpfProbe 'ex*', 'exec'
        $session.Name | Should -Be 'exec+exit'
        Stop-EbpfProbe $session | Out-Null
    }

    It 'gives every session a number of its own, counting up' {
        $sessions = @(Start-EbpfProbe exit) + @(Start-EbpfProbe exit)
        $sessions[1].Id | Should -BeGreaterThan $sessions[0].Id
        $sessions | Stop-EbpfProbe | Out-Null
    }

    It 'holds the events until somebody takes them' {
        $tool = New-Tool pst-held
        $session = Start-EbpfProbe exec -ProcessName pst-held
        & $tool
        & $tool
        $session.Loss.Produced | Should -Be 2
        $session.Loss.Delivered | Should -Be 0
        $session.Loss.Unread | Should -Be 2
        $loss = Stop-EbpfProbe $session
        $loss.Produced | Should -Be 2
        $loss.Unread | Should -Be 2
    }

    It 'has what it was asked for in Options' {
        $session = Start-EbpfProbe exec, open -ProcessName pst-* -UserId 1, 2 -IncludeChild -BufferSize 64KB -MaxArgumentLength 100 -MinimumDuration 1ms
        $session.BufferSize | Should -Be 64KB
        $session.Options.MaxArgumentLength | Should -Be 100
        $session.Options.MinimumDuration | Should -Be ([timespan]::FromMilliseconds(1))
        $session.Options.Filter.ProcessNames | Should -Be 'pst-*'
        $session.Options.Filter.UserIds | Should -Be 1, 2
        $session.Options.Filter.IncludeChild | Should -BeTrue
        $session.Options.Filter.IncludeSelf | Should -BeFalse
        Stop-EbpfProbe $session | Out-Null
    }

    Context 'times' {
        BeforeAll {
            # What -MinimumDuration, -Duration and -Timeout are declared as.
            function Get-Ticks {
                param([Parameter(Position = 0)] [EbpfPs.Parameters.Seconds()] [timespan] $Time)
                $Time.Ticks
            }
        }

        It '<Given> is understood' -ForEach @(
            @{ Given = '1500ns'; Ticks = 15 }
            @{ Given = '20us'; Ticks = 200 }
            @{ Given = '20ms'; Ticks = 200000 }
            @{ Given = '1.5s'; Ticks = 15000000 }
            @{ Given = ' 2 m '; Ticks = 1200000000 }
            @{ Given = '1h'; Ticks = 36000000000 }
            @{ Given = '00:00:02'; Ticks = 20000000 }
            @{ Given = 3; Ticks = 30000000 }
            @{ Given = 0.25; Ticks = 2500000 }
            @{ Given = 1e-5; Ticks = 100 }
            @{ Given = [float]0.5; Ticks = 5000000 }
            @{ Given = '0'; Ticks = 0 }
            @{ Given = [timespan]::FromTicks(7); Ticks = 7 }
        ) {
            Get-Ticks $Given | Should -Be $Ticks
        }

        It 'what is typed without quotes is read as it was typed' {
            # To PowerShell 10s is a number of type Int16, 100us one of type UInt16.
            Get-Ticks 10s | Should -Be 100000000
            Get-Ticks 100us | Should -Be 1000
            Get-Ticks 5 | Should -Be 50000000
        }

        It 'a variable means the same in a culture with a comma' {
            $culture = [cultureinfo]::InvariantCulture.Clone()
            $culture.NumberFormat.NumberDecimalSeparator = ','
            $before = [cultureinfo]::CurrentCulture
            try {
                [cultureinfo]::CurrentCulture = $culture
                $half, $single = 0.5, [float]0.25
                Get-Ticks $half | Should -Be 5000000
                Get-Ticks $single | Should -Be 2500000
                Get-Ticks 2.5 | Should -Be 25000000
            }
            finally {
                [cultureinfo]::CurrentCulture = $before
            }
        }

        It '1d is no day: a Decimal is refused' {
            $time = 1d
            { Get-Ticks $time } | Should -Throw '*Decimal*no unit for days*'
            { Get-Ticks 1d } | Should -Throw '*Decimal*'
        }

        It '<_> is no time' -ForEach ([double]::NaN), ([double]::PositiveInfinity), -0.5, 1e300 {
            { Get-Ticks $_ } | Should -Throw '*is not a time*'
        }

        It '-MinimumDuration takes them' {
            $session = Start-EbpfProbe open -MinimumDuration 100us
            $session.Options.MinimumDuration.Ticks | Should -Be 1000
            Stop-EbpfProbe $session | Out-Null
        }
    }

    Context 'processes from the pipeline' {
        BeforeAll {
            $shells = @(1..2 | ForEach-Object { Start-GatedShell "pst-pipe$_" ':' })
        }
        AfterAll {
            $shells | ForEach-Object { Complete-GatedShell $_ }
        }

        It 'are gathered into one session: Get-Process' {
            $sessions = @(Get-Process -Id $shells.Id | Start-EbpfProbe open)
            try {
                $sessions.Count | Should -Be 1
                @($sessions[0].Options.Filter.ProcessIds | Sort-Object) | Should -Be @($shells.Id | Sort-Object)
            }
            finally {
                $sessions | Stop-EbpfProbe | Out-Null
            }
        }

        It 'bind by the property <_>' -ForEach 'ProcessId', 'Id', 'Pid' {
            $session = [pscustomobject]@{ $_ = $shells[0].Id; Name = 'not-a-probe'; UserId = 12345 } | Start-EbpfProbe open
            try {
                $session.Options.Filter.ProcessIds | Should -Be $shells[0].Id
                $session.Options.Filter.UserIds | Should -BeNullOrEmpty -Because 'only the process is bound by name'
            }
            finally {
                Stop-EbpfProbe $session | Out-Null
            }
        }

        It 'that are none start nothing, rather than everything' {
            Get-Process -Name no-such-process-* | Start-EbpfProbe open | Should -BeNullOrEmpty
        }

        It 'that are gone are an error each; the rest is traced' {
            $gone = Start-GatedShell pst-gone ':'
            $goneId = $gone.Id
            Complete-GatedShell $gone
            $session = Start-EbpfProbe open -ProcessId $goneId, $shells[0].Id -ErrorAction SilentlyContinue -ErrorVariable problems
            $session | Should -Not -BeNullOrEmpty
            Stop-EbpfProbe $session | Out-Null
            $problems.Count | Should -Be 1
            Assert-Error $problems[0] -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target $goneId -Message "no process $goneId" -Action 'Get-Process'
        }
    }

    Context '-WhatIf and -Confirm' {
        It '-WhatIf loads and verifies, says so with -Verbose, attaches nothing and returns nothing' {
            $said = @(Start-EbpfProbe exec, open -WhatIf -Verbose 4>&1)
            $said | Should -BeOfType System.Management.Automation.VerboseRecord
            @($said.Message -like "Probe 'exec' was loaded and verified, and not attached (*tracepoint): *").Count | Should -Be 1
            @($said.Message -like "Probe 'open' was loaded and verified, and not attached (*tracepoint): *").Count | Should -Be 1
            Get-HeldObject | Should -BeNullOrEmpty
            Get-EbpfProbe | Should -BeNullOrEmpty
        }

        It '-WhatIf finds what the engine would refuse' {
            $problem = Get-TheError { Start-EbpfProbe exec -ProcessName '[a' -WhatIf }
            $problem.FullyQualifiedErrorId | Should -Be 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand'
        }

        It '-WhatIf tells what it would do' {
            # What -WhatIf says goes to the host: only a transcript, or another process, sees it.
            $said = & $pwshPath -NoProfile -NonInteractive -Command "Import-Module '$modulePath'; Start-EbpfProbe exec, open -WhatIf" | Out-String
            $said | Should -Match 'What if: .*exec, open'
        }

        It '-Confirm asks, and without an answer nothing is started' {
            # A runspace without a host can't ask: that is an error, and no session.
            $result = Complete-Pipeline (Start-Pipeline { Start-EbpfProbe exec -Confirm })
            $result.Output | Should -BeNullOrEmpty
            $result.Error.Count | Should -Be 1
            $result.Error[0].Exception.Message | Should -Match 'prompts the user'
        }

        It '-Confirm:$false does not ask, whatever $ConfirmPreference says' {
            $result = Complete-Pipeline (Start-Pipeline { $ConfirmPreference = 'Low'; Start-EbpfProbe exec -Confirm:$false | Stop-EbpfProbe -Confirm:$false })
            $result.Error | Should -BeNullOrEmpty
            $result.Output.Count | Should -Be 1
        }
    }

    Context '-Verbose' {
        It 'tells how <Name> is attached: mechanism, hooks and what is not seen' -ForEach @(
            @{ Name = 'exec'; Hook = 'sched_process_exec|sys_exit_execve'; Limitation = '32-bit' }
            @{ Name = 'exit'; Hook = 'sched_process_exit|process_exit'; Limitation = '' }
            @{ Name = 'open'; Hook = 'sys_exit_openat'; Limitation = 'io_uring' }
            @{ Name = 'connect'; Hook = 'inet_sock_set_state'; Limitation = 'io_uring' }
        ) {
            $all = @(Start-EbpfProbe $Name -Verbose 4>&1)
            $all | Where-Object { $_ -is [EbpfPs.Probes.ProbeSession] } | Stop-EbpfProbe | Out-Null
            $said = @($all | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message)
            $line = @($said -like "Probe '$Name' is attached (*")
            $line.Count | Should -Be 1
            $line[0] | Should -Match '\((raw )?tracepoint\): '
            $line[0] | Should -Match $Hook
            $line[0] | Should -Match $Limitation
        }
    }
}
