# Stop-EbpfProbe: the end of a session, and its account.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Stop-EbpfProbe' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'returns the final account, in which every event is' {
        $tool = New-Tool pst-stop
        $session = Start-EbpfProbe exec -ProcessName pst-stop
        1..3 | ForEach-Object { & $tool }
        Receive-EbpfEvent $session -MaxEvents 2 | Out-Null
        $loss = Stop-EbpfProbe $session
        $loss | Should -BeOfType EbpfPs.Probes.LossReport
        $loss.Name | Should -Be exec
        $loss.Produced | Should -Be 3
        $loss.Delivered + $loss.Unread | Should -Be 3
        $loss.RingFull, $loss.MapFull, $loss.Truncated, $loss.Undecoded | Should -Be 0, 0, 0, 0
        $loss.Elapsed | Should -BeGreaterThan ([timespan]::Zero)
        $session.State | Should -Be Stopped
        $session.StopTime | Should -BeGreaterOrEqual $session.StartTime
        $session.Loss.Produced | Should -Be 3 -Because 'a stopped session keeps its account'
    }

    It 'takes sessions <Form>' -ForEach @(
        @{ Form = 'by the object' }, @{ Form = 'from the pipeline' }, @{ Form = 'by number' }, @{ Form = 'by name' }, @{ Form = 'by a wildcard' }
    ) {
        $session = Start-EbpfProbe exit
        $loss = switch ($Form) {
            'by the object' { Stop-EbpfProbe $session }
            'from the pipeline' { $session | Stop-EbpfProbe }
            'by number' { Stop-EbpfProbe -Id $session.Id }
            'by name' { Stop-EbpfProbe EXIT }
            'by a wildcard' { Stop-EbpfProbe -Name 'e?i*' }
        }
        $loss.Name | Should -Be exit
        Get-EbpfProbe | Should -BeNullOrEmpty
    }

    It 'takes a number at position 0' {
        $session = Start-EbpfProbe exit
        (Stop-EbpfProbe $session.Id).Name | Should -Be exit
    }

    It 'takes several, and returns an account for each' {
        $sessions = @(Start-EbpfProbe exit) + @(Start-EbpfProbe connect) + @(Start-EbpfProbe exit)
        $losses = @(Stop-EbpfProbe -Id $sessions[0].Id, $sessions[1].Id)
        $losses.Name | Should -Be exit, connect
        @(Get-EbpfProbe).Id | Should -Be $sessions[2].Id
        @(Get-EbpfProbe | Stop-EbpfProbe).Name | Should -Be exit
    }

    It 'stops a session once that several names match' {
        Start-EbpfProbe exit | Out-Null
        @(Stop-EbpfProbe exit, 'ex*').Name | Should -Be exit
    }

    It 'stops each one as it comes down the pipeline' {
        # The first must be out of the kernel before the second is looked at.
        $first = Start-EbpfProbe exit
        $second = Start-EbpfProbe exit
        $states = & { $first; [string]$first.State; $second } | ForEach-Object { if ($_ -is [string]) { $_ } else { $_ | Stop-EbpfProbe | Out-Null } }
        $states | Should -Be Stopped
    }

    It 'a wildcard that matches none is no error' {
        Stop-EbpfProbe 'x*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It '-WhatIf stops nothing' {
        $session = Start-EbpfProbe exit
        Stop-EbpfProbe $session -WhatIf | Should -BeNullOrEmpty
        $session.State | Should -Be Running
        Stop-EbpfProbe $session | Out-Null
    }

    It '-Confirm asks before each' {
        $session = Start-EbpfProbe exit
        $result = Complete-Pipeline (Start-Pipeline { Stop-EbpfProbe exit -Confirm })
        $result.Error.Count | Should -Be 1
        $result.Error[0].Exception.Message | Should -Match 'prompts the user'
        $session.State | Should -Be Running
        Stop-EbpfProbe $session -Confirm:$false | Out-Null
    }

    It '-Verbose gives the account in a line' {
        $session = Start-EbpfProbe exit
        $said = @(Stop-EbpfProbe $session -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message)
        @($said -match '^exit, [\d.]+ s: Produced \d+, Delivered 0, Unread \d+, RingFull 0, MapFull 0, Missed \w+, Truncated 0, Undecoded 0\.$').Count | Should -Be 1
    }

    It 'counts what found no room: Produced = Delivered + RingFull + Unread' {
        $shell = Start-GatedShell pst-burst (Get-OpenLoop 2000)
        $session = Start-EbpfProbe open -ProcessName pst-burst -BufferSize 4KB -LossAction Ignore
        Complete-GatedShell $shell
        $delivered = @(Receive-EbpfEvent $session).Count
        $loss = Stop-EbpfProbe $session
        $loss.Produced | Should -Be 2000
        $loss.RingFull | Should -BeGreaterThan 1900 -Because 'a page holds a few dozen events'
        $loss.Delivered | Should -Be $delivered
        $delivered | Should -BeGreaterThan 0
        $loss.Delivered + $loss.RingFull + $loss.Unread | Should -Be 2000
        $loss.Lost | Should -BeGreaterOrEqual $loss.RingFull
    }

    It 'tells of loss that nothing told of before, as -LossAction says: <Action>' -ForEach @(
        @{ Action = 'Warn'; Warnings = 1; Errors = 0 }
        @{ Action = 'Stop'; Warnings = 0; Errors = 1 }
        @{ Action = 'Ignore'; Warnings = 0; Errors = 0 }
    ) {
        $shell = Start-GatedShell pst-burst (Get-OpenLoop 500)
        $session = Start-EbpfProbe open -ProcessName pst-burst -BufferSize 4KB -LossAction $Action
        Complete-GatedShell $shell
        $loss = Stop-EbpfProbe $session -WarningAction SilentlyContinue -WarningVariable told -ErrorAction SilentlyContinue -ErrorVariable problems
        $loss.RingFull | Should -BeGreaterThan 400
        $told.Count | Should -Be $Warnings
        $problems.Count | Should -Be $Errors
        foreach ($said in @($told) + @($problems)) {
            "$said" | Should -Match "events were lost \(RingFull $($loss.RingFull)"
        }
    }

    It 'ends a watch that reads the session; the watch hands on all that there was' {
        $tool = New-Tool pst-read
        $session = Start-EbpfProbe exec -ProcessName pst-read
        $watch = Start-Pipeline -Parameter @{ Session = $session } { param($Session) $Session | Watch-EbpfTrace }
        Wait-Until -For 'the watch to read' { $session.HasReader }
        1..3 | ForEach-Object { & $tool }
        $loss = Stop-EbpfProbe $session
        $result = Complete-Pipeline $watch
        $result.Error | Should -BeNullOrEmpty
        $result.Output.Count | Should -Be 3
        $loss.Delivered | Should -Be 3
        $loss.Unread | Should -Be 0
    }

    Context 'what it refuses' {
        It 'a session that was stopped, and goes on with the next' {
            $first = Start-EbpfProbe exit
            $second = Start-EbpfProbe exit
            Stop-EbpfProbe $first | Out-Null
            $losses = @($first, $second | Stop-EbpfProbe -ErrorAction SilentlyContinue -ErrorVariable problems)
            $losses.Name | Should -Be exit
            $problems.Count | Should -Be 1
            Assert-Error $problems[0] -Id 'EbpfPs.AlreadyStopped,EbpfPs.Cmdlets.StopEbpfProbeCommand' -Category InvalidOperation -Target exit -Message "Session $($first.Id) \(exit\) was stopped before" -Action Get-EbpfProbe
        }

        It 'a name that no session has, and tells which run' {
            $session = Start-EbpfProbe exit
            $problem = Get-TheError { Stop-EbpfProbe open }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StopEbpfProbeCommand' -Category ObjectNotFound -Target open -Message "No session is named 'open'" -Action "These run: $($session.Id) \(exit\)"
            Stop-EbpfProbe $session | Out-Null
        }

        It 'a number that no session has' {
            $problem = Get-TheError { Stop-EbpfProbe -Id 999999 }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StopEbpfProbeCommand' -Category ObjectNotFound -Target 999999 -Message 'number 999999' -Action 'Start-EbpfProbe starts one'
        }

        It 'nothing at all' {
            $problem = Get-TheError { Stop-EbpfProbe }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StopEbpfProbeCommand' -Category InvalidArgument -Target Stop-EbpfProbe -Message 'No session was named' -Action 'Start-EbpfProbe starts one'
        }

        It 'an empty pipeline does nothing' {
            @() | Stop-EbpfProbe -ErrorAction Stop | Should -BeNullOrEmpty
        }
    }
}
