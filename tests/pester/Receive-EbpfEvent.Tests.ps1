# Receive-EbpfEvent: the events of sessions in the background.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Receive-EbpfEvent' {
    BeforeAll {
        $tool = New-Tool pst-receive
        function Start-Session { Start-EbpfProbe exec -ProcessName pst-receive @args }
        function Invoke-Tool([int] $Times = 1) { for ($i = 0; $i -lt $Times; $i++) { & $tool "$i" } }
    }
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'takes what is there without waiting, each event once' {
        $session = Start-Session
        Receive-EbpfEvent $session | Should -BeNullOrEmpty
        Invoke-Tool 3
        @(Receive-EbpfEvent $session).ArgumentList.Where{ $_ -ne $tool } | Should -Be '0', '1', '2'
        Receive-EbpfEvent $session | Should -BeNullOrEmpty
        Invoke-Tool 1
        @(Receive-EbpfEvent $session).Count | Should -Be 1
        (Stop-EbpfProbe $session).Delivered | Should -Be 4
    }

    It 'takes sessions <Form>' -ForEach @(
        @{ Form = 'by the object' }, @{ Form = 'from the pipeline' }, @{ Form = 'by number' }, @{ Form = 'by name' }, @{ Form = 'by a wildcard' }
    ) {
        $session = Start-Session
        Invoke-Tool 1
        $events = @(switch ($Form) {
                'by the object' { Receive-EbpfEvent $session }
                'from the pipeline' { $session | Receive-EbpfEvent }
                'by number' { Receive-EbpfEvent -Id $session.Id }
                'by name' { Receive-EbpfEvent exec }
                'by a wildcard' { Receive-EbpfEvent 'e*' }
            })
        $events.Count | Should -Be 1
        Stop-EbpfProbe $session | Out-Null
    }

    It 'takes several sessions' {
        $sessions = @(Start-Session) + @(Start-Session)
        Invoke-Tool 2
        @($sessions | Receive-EbpfEvent).Count | Should -Be 4
        $sessions | Stop-EbpfProbe | Out-Null
    }

    It '-MaxEvents takes no more; the rest waits for the next' {
        $session = Start-Session
        Invoke-Tool 5
        @(Receive-EbpfEvent $session -MaxEvents 2).Count | Should -Be 2
        @(Receive-EbpfEvent $session).Count | Should -Be 3
        Stop-EbpfProbe $session | Out-Null
    }

    It '-MaxEvents is for all sessions together' {
        $sessions = @(Start-Session) + @(Start-Session)
        Invoke-Tool 3
        @($sessions | Receive-EbpfEvent -MaxEvents 4).Count | Should -Be 4
        @($sessions | Receive-EbpfEvent).Count | Should -Be 2
        $sessions | Stop-EbpfProbe | Out-Null
    }

    It '-Wait waits until the session ends, and hands on everything' {
        $session = Start-Session
        $receive = Start-Pipeline -Parameter @{ Session = $session } { param($Session) Receive-EbpfEvent $Session -Wait }
        Wait-Until -For 'the reader' { $session.HasReader }
        Invoke-Tool 3
        Stop-EbpfProbe $session | Out-Null
        $result = Complete-Pipeline $receive
        $result.Error | Should -BeNullOrEmpty
        $result.Output.Count | Should -Be 3
    }

    It '-Wait -MaxEvents waits for so many' {
        $session = Start-Session
        $receive = Start-Pipeline -Parameter @{ Session = $session } { param($Session) Receive-EbpfEvent $Session -Wait -MaxEvents 3 }
        Wait-Until -For 'the reader' { $session.HasReader }
        Invoke-Tool 4
        $result = Complete-Pipeline $receive
        $result.Output.Count | Should -Be 3
        $session.State | Should -Be Running -Because 'receiving does not end a session'
        @(Receive-EbpfEvent $session).Count | Should -Be 1
        Stop-EbpfProbe $session | Out-Null
    }

    It '<Name> ends the wait: <Time>' -ForEach @(
        @{ Name = '-Timeout'; Time = '300ms' }
        @{ Name = '-Duration'; Time = 0.3 }
    ) {
        $session = Start-Session
        Invoke-Tool 1
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $parameter = @{ $Name.Substring(1) = $Time }
        @(Receive-EbpfEvent $session @parameter).Count | Should -Be 1
        $watch.Elapsed.TotalMilliseconds | Should -BeGreaterOrEqual 299
        $session.State | Should -Be Running
        Stop-EbpfProbe $session | Out-Null
    }

    It 'does not run after a session that makes events as fast as they are taken' {
        $flood = Start-GatedShell pst-flood (Get-OpenLoop)
        $session = Start-EbpfProbe open -ProcessName pst-flood -BufferSize 1MB -LossAction Ignore
        $flood.StandardInput.WriteLine('go')
        Wait-Until -For 'the first events' { $session.Loss.Produced -gt 100 }
        $events = @(Receive-EbpfEvent $session)
        $events.Count | Should -BeGreaterThan 0
        $flood.HasExited | Should -BeFalse -Because 'it must have flooded all the time'
        Stop-EbpfProbe $session | Out-Null
        Stop-Workload $flood
    }

    It 'tells of each loss once, as -LossAction of the session says: <Action>' -ForEach @(
        @{ Action = 'Warn'; Warnings = 1; Errors = 0 }
        @{ Action = 'Stop'; Warnings = 0; Errors = 1 }
        @{ Action = 'Ignore'; Warnings = 0; Errors = 0 }
    ) {
        $shells = @(1..2 | ForEach-Object { Start-GatedShell pst-burst (Get-OpenLoop 500) })
        $session = Start-EbpfProbe open -ProcessName pst-burst -BufferSize 4KB -LossAction $Action
        $lost = 0
        foreach ($shell in $shells) {
            Complete-GatedShell $shell
            $fresh = $session.Loss.Lost - $lost
            $lost += $fresh
            $fresh | Should -BeGreaterThan 400
            $events = @(Receive-EbpfEvent $session -WarningAction SilentlyContinue -WarningVariable told -ErrorAction SilentlyContinue -ErrorVariable problems)
            $events.Count | Should -BeGreaterThan 0 -Because 'what was not lost is handed on, into a variable too'
            $told.Count | Should -Be $Warnings
            $problems.Count | Should -Be $Errors
            $said = "$told$problems"
            if ($said) {
                $said | Should -Match "open: $lost events were lost \(RingFull"
                $said -match "$fresh of them were lost since" | Should -Be ($fresh -ne $lost)
            }

            $again = @(& { Receive-EbpfEvent $session; $session | Watch-EbpfTrace -Duration 0 } *>&1)
            $again | Should -BeNullOrEmpty -Because 'that loss has been told of'
        }

        @(Stop-EbpfProbe $session *>&1).Count | Should -Be 1 -Because 'the account is all that is left to say'
    }

    It 'tells of loss where its pipeline ends early' {
        $shell = Start-GatedShell pst-burst (Get-OpenLoop 500)
        $session = Start-EbpfProbe open -ProcessName pst-burst -BufferSize 4KB
        Complete-GatedShell $shell
        $null = Receive-EbpfEvent $session -WarningAction SilentlyContinue -WarningVariable told | Select-Object -First 1
        $told.Count | Should -Be 1
        Stop-EbpfProbe $session | Out-Null
    }

    It '-Wait ends at a loss where -LossAction is Stop, when all that is there has been handed on' {
        $shell = Start-GatedShell pst-burst (Get-OpenLoop 2000)
        $session = Start-EbpfProbe open -ProcessName pst-burst -BufferSize 4KB -LossAction Stop
        $gate = [Threading.ManualResetEventSlim]::new()
        $receive = Start-Pipeline -Parameter @{ Session = $session; Gate = $gate } { param($Session, $Gate) Receive-EbpfEvent $Session -Wait | ForEach-Object { $Gate.Wait(); $_ } }
        Wait-Until -For 'the reader' { $session.HasReader }
        Complete-GatedShell $shell
        $gate.Set()
        $result = Complete-Pipeline $receive
        $result.Output.Count | Should -Be $session.Loss.Delivered
        $result.Error.Count | Should -Be 1
        $result.Error[0].FullyQualifiedErrorId | Should -Be 'EbpfPs.EventsLost,EbpfPs.Cmdlets.ReceiveEbpfEventCommand'
        $session.State | Should -Be Running
        Stop-EbpfProbe $session | Out-Null
    }

    It '-LossAction Stop of the session ends it with an error' {
        $shell = Start-GatedShell pst-burst (Get-OpenLoop 2000)
        $session = Start-EbpfProbe open -ProcessName pst-burst -BufferSize 4KB -LossAction Stop
        Complete-GatedShell $shell
        $taken = [System.Collections.Generic.List[object]]::new()
        $problem = Get-TheError { Receive-EbpfEvent $session | ForEach-Object { $taken.Add($_) } }
        $loss = Stop-EbpfProbe $session
        $taken.Count | Should -Be $loss.Delivered -Because 'what was not lost is handed on'
        Assert-Error $problem -Id 'EbpfPs.EventsLost,EbpfPs.Cmdlets.ReceiveEbpfEventCommand' -Category LimitsExceeded -Target $problem.TargetObject -Message "RingFull $($loss.RingFull)" -Action '-BufferSize 16KB'
        $problem.TargetObject | Should -BeOfType EbpfPs.Probes.LossReport
        $problem.TargetObject.RingFull | Should -Be $loss.RingFull
    }

    Context 'what it refuses' {
        It 'a session that another reader holds' {
            $session = Start-Session
            $receive = Start-Pipeline -Parameter @{ Session = $session } { param($Session) Receive-EbpfEvent $Session -Wait }
            Wait-Until -For 'the reader' { $session.HasReader }
            $problem = Get-TheError { Receive-EbpfEvent $session }
            Assert-Error $problem -Id 'EbpfPs.Busy,EbpfPs.Cmdlets.ReceiveEbpfEventCommand' -Category ResourceBusy -Target exec -Message "Another reader holds session $($session.Id) \(exec\)" -Action 'one reader at a time'
            Invoke-Tool 1
            Stop-EbpfProbe $session | Out-Null
            (Complete-Pipeline $receive).Output.Count | Should -Be 1 -Because 'the reader that was there first goes on'
        }

        It 'a session that another reader holds, and takes the events of the others' {
            $held, $free = @(Start-Session) + @(Start-Session)
            $receive = Start-Pipeline -Parameter @{ Session = $held } { param($Session) Receive-EbpfEvent $Session -Wait }
            Wait-Until -For 'the reader' { $held.HasReader }
            Invoke-Tool 1
            $events = @($held, $free | Receive-EbpfEvent -ErrorAction SilentlyContinue -ErrorVariable problems)
            $events.Count | Should -Be 1
            $problems.Count | Should -Be 1
            $held, $free | Stop-EbpfProbe | Out-Null
            Complete-Pipeline $receive | Out-Null
        }

        It 'a session that was stopped' {
            $session = Start-Session
            Stop-EbpfProbe $session | Out-Null
            $problem = Get-TheError { Receive-EbpfEvent $session }
            Assert-Error $problem -Id 'EbpfPs.AlreadyStopped,EbpfPs.Cmdlets.ReceiveEbpfEventCommand' -Category InvalidOperation -Target exec -Message 'was stopped' -Action Start-EbpfProbe
        }

        It 'a name that no session has' {
            $problem = Get-TheError { Receive-EbpfEvent nothing }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.ReceiveEbpfEventCommand' -Category ObjectNotFound -Target nothing -Message "No session is named 'nothing'" -Action Start-EbpfProbe
        }

        It 'a number that no session has, with those that run' {
            $session = Start-Session
            $problem = Get-TheError { Receive-EbpfEvent -Id 999999 }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.ReceiveEbpfEventCommand' -Category ObjectNotFound -Target 999999 -Message 'number 999999' -Action "These run: $($session.Id) \(exec\)"
            Stop-EbpfProbe $session | Out-Null
        }

        It 'nothing at all' {
            $problem = Get-TheError { Receive-EbpfEvent }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.ReceiveEbpfEventCommand' -Category InvalidArgument -Target Receive-EbpfEvent -Message 'No session was named' -Action Start-EbpfProbe
        }

        It '-MaxEvents <_>' -ForEach 0, -1 {
            (Get-TheError { Receive-EbpfEvent exec -MaxEvents $_ }).FullyQualifiedErrorId | Should -Be 'ParameterArgumentValidationError,EbpfPs.Cmdlets.ReceiveEbpfEventCommand'
        }

        It 'the time <_>' -ForEach 'later', '5 years' {
            (Get-TheError { Receive-EbpfEvent exec -Timeout $_ }).FullyQualifiedErrorId | Should -Be 'ParameterArgumentTransformationError,EbpfPs.Cmdlets.ReceiveEbpfEventCommand'
        }
    }
}
