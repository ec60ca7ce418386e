# The probe exit at the prompt. Threads that leave in any order are in tests/kernel.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Probe exit' {
    BeforeAll {
        $exiting = New-Tool pst-exiting (Get-Workload exiting)
        function Get-ExitEvent([scriptblock] $Workload) {
            @(Get-EventOf -How Start -Parameter @{ Name = 'exit'; ProcessName = 'pst-exiting' } $Workload)
        }
    }
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'has every property of a process that ended' {
        $events = @(Get-ExitEvent { & $exiting sleep 50 })
        $events.Count | Should -Be 1
        $event = $events[0]
        $event | Should -BeOfType EbpfPs.Events.ExitEvent
        $event.Probe | Should -Be exit
        $event.ExitCode | Should -Be 0
        $event.Signal | Should -Be 0
        $event.SignalName | Should -BeExactly ''
        $event.CoreDumped | Should -BeFalse
        $event.Lifetime | Should -BeOfType timespan
        $event.Lifetime | Should -BeGreaterOrEqual ([timespan]::FromMilliseconds(50))
        $event.Lifetime | Should -BeLessThan ([timespan]::FromMinutes(1))
        $event.LifetimeNs | Should -BeOfType long
        $event.Lifetime.Ticks | Should -Be ([Math]::Floor($event.LifetimeNs / 100))
        $event.ProcessName | Should -Be pst-exiting
        $event.ParentProcessId | Should -Be $PID
        $event.UserName | Should -Be root
    }

    It 'shows the exit code <_>' -ForEach 1, 42, 255 {
        $code = $_
        $events = @(Get-ExitEvent { & $exiting code $code })
        $events[0].ExitCode | Should -Be $code
        $events[0].Signal | Should -Be 0
    }

    It 'shows <Name>' -ForEach @(
        @{ Name = 'SIGKILL'; Number = 9 }
        @{ Name = 'SIGSEGV'; Number = 11 }
        @{ Name = 'SIGTERM'; Number = 15 }
    ) {
        $events = @(Get-ExitEvent { & $exiting signal $Number })
        $events.Count | Should -Be 1
        $events[0].Signal | Should -Be $Number
        $events[0].SignalName | Should -Be $Name
        $events[0].ExitCode | Should -Be 0
    }

    It 'shows a process of many threads once' {
        $events = @(Get-ExitEvent { & $exiting threads })
        $events.Count | Should -Be 1
        $events[0].ProcessId | Should -BeGreaterThan 1
    }

    It 'with exec tells the whole life of a process' {
        $tool = New-Tool pst-life
        $events = @(Get-EventOf -How Start -Parameter @{ Name = 'exec', 'exit'; ProcessName = 'pst-life' } { & $tool })
        $events.Probe | Should -Be exec, exit
        $events[0].ProcessId | Should -Be $events[1].ProcessId
        $events[1].Time - $events[0].Time | Should -BeLessOrEqual $events[1].Lifetime
    }
}
