# Pipelines that end early, in every way there is: nothing may be left behind, and nobody waits long.

BeforeDiscovery {
    $tmux = [bool](Get-Command tmux -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # How long a stop may take, in milliseconds: a second, or on a busy machine, where the kernel lets go of a hook slowly and
    # a thread waits for its turn, ten times what it takes just now to start a session and end it.
    function Get-Patience {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Start-EbpfProbe exit -ProcessName no-such-process | Stop-EbpfProbe | Out-Null
        [Math]::Max(1000, 10 * $clock.ElapsedMilliseconds)
    }

    # Stops a pipeline as Ctrl+C does, and returns how long that took, in milliseconds.
    function Measure-Stop($Pipeline) {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $Pipeline.Shell.Stop()
        $clock.ElapsedMilliseconds
    }

    # A shell that opens files without end. Stop-Workload ends it.
    function Start-Flood {
        $flood = Start-GatedShell pst-flood (Get-OpenLoop)
        $flood.StandardInput.WriteLine('go')
        $flood
    }
}

Describe 'Ctrl+C' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'ends an idle watch at once: <Command>' -ForEach @(
        @{ Command = { Watch-EbpfTrace exec -ProcessName no-such-process } }
        @{ Command = { Watch-EbpfTrace exec, exit -ProcessName no-such-process } }
        @{ Command = { Watch-EbpfTrace exec -ProcessName no-such-process | Where-Object FileName | Select-Object -First 1 } }
        @{ Command = { Watch-EbpfTrace exec -ProcessName no-such-process -Duration 1h -MaxEvents 10 } }
        @{ Command = { Watch-EbpfTrace open -ProcessId 1 } }
    ) {
        $pipeline = Start-Pipeline -Sessions 1 $Command
        Wait-Until -For 'the watch to read' { $pipeline.Sessions[0].HasReader }
        Measure-Stop $pipeline | Should -BeLessThan (Get-Patience)
        $pipeline.Shell.InvocationStateInfo.State | Should -Be Stopped
        $pipeline.Sessions[0].State | Should -Be Stopped
        $pipeline.Shell.Streams.Error | Should -BeNullOrEmpty
        Close-Pipeline $pipeline
    }

    It 'ends a watch of every probe there is' {
        $pipeline = Start-Pipeline -Sessions 1 { Watch-EbpfTrace * -ProcessName no-such-process }
        Wait-Until -For 'the watch to read' { $pipeline.Sessions[0].HasReader }
        $null = Measure-Stop $pipeline
        $pipeline.Sessions[0].State | Should -Be Stopped
        Get-HeldObject | Should -BeNullOrEmpty
        Close-Pipeline $pipeline
    }

    It 'ends a flooded watch at once: <Command>' -ForEach @(
        @{ Command = { Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | Out-Null } }
        @{ Command = { Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | ForEach-Object { $_.FileName } | Out-Null } }
        @{ Command = { Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | Format-Table | Out-String -Stream | Out-Null } }
        @{ Command = { Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore -BufferSize 4KB | Group-Object FileName } }
    ) {
        $flood = Start-Flood
        $pipeline = Start-Pipeline -Sessions 1 $Command
        Wait-Until -For 'events to flow' { $pipeline.Sessions[0].Loss.Delivered -gt 1000 }
        Measure-Stop $pipeline | Should -BeLessThan (Get-Patience)
        $pipeline.Sessions[0].State | Should -Be Stopped
        $flood.HasExited | Should -BeFalse
        Stop-Workload $flood
        Close-Pipeline $pipeline
    }

    It 'ends a watch of a session at once, and the session goes on' {
        $session = Start-EbpfProbe exit -ProcessName no-such-process
        $pipeline = Start-Pipeline -Parameter @{ Session = $session } { param($Session) $Session | Watch-EbpfTrace }
        Wait-Until -For 'the watch to read' { $session.HasReader }
        Measure-Stop $pipeline | Should -BeLessThan (Get-Patience)
        $session.State | Should -Be Running
        $session.HasReader | Should -BeFalse
        Close-Pipeline $pipeline
        Stop-EbpfProbe $session | Out-Null
    }

    It 'ends a watch of several sessions at once' {
        $sessions = @(Start-EbpfProbe exit -ProcessName no-such-process) + @(Start-EbpfProbe connect -ProcessName no-such-process)
        $pipeline = Start-Pipeline -Parameter @{ Session = $sessions } { param($Session) $Session | Watch-EbpfTrace }
        Wait-Until -For 'the watch to read' { $sessions[1].HasReader }
        Measure-Stop $pipeline | Should -BeLessThan (Get-Patience)
        Close-Pipeline $pipeline
        $sessions | Stop-EbpfProbe | Out-Null
    }

    It 'ends Receive-EbpfEvent <Switch> at once, and the session goes on' -ForEach @(
        @{ Switch = '-Wait'; Command = { param($Session) $Session | Receive-EbpfEvent -Wait } }
        @{ Switch = '-Timeout'; Command = { param($Session) $Session | Receive-EbpfEvent -Timeout 1h } }
    ) {
        $session = Start-EbpfProbe exit -ProcessName no-such-process
        $pipeline = Start-Pipeline -Parameter @{ Session = $session } $Command
        Wait-Until -For 'the reader' { $session.HasReader }
        Measure-Stop $pipeline | Should -BeLessThan (Get-Patience)
        $session.State | Should -Be Running
        Close-Pipeline $pipeline
        Stop-EbpfProbe $session | Out-Null
    }

    It 'leaves events that were not taken in the session' {
        $tool = New-Tool pst-left
        $session = Start-EbpfProbe exec -ProcessName pst-left
        $pipeline = Start-Pipeline -Parameter @{ Session = $session } { param($Session) $Session | Receive-EbpfEvent -Wait }
        Wait-Until -For 'the reader' { $session.HasReader }
        $null = Measure-Stop $pipeline
        Close-Pipeline $pipeline
        & $tool
        @(Receive-EbpfEvent $session).Count | Should -Be 1
        Stop-EbpfProbe $session | Out-Null
    }

    It 'typed at a real prompt gives the prompt back, and nothing is left' -Skip:(-not $tmux) {
        $terminal = "ebpfps-pester-$PID"
        tmux -L $terminal -f /dev/null new-session -d -s t -x 120 -y 30 $pwshPath -NoLogo -NoProfile
        try {
            function Wait-Screen([string] $Pattern) {
                Wait-Until -For "'$Pattern' on the screen" { (tmux -L $terminal capture-pane -p -t t) -match $Pattern }
            }

            Wait-Screen '^PS '

            # What is on the screen because it was typed has other letters than what comes of it.
            tmux -L $terminal send-keys -t t "Import-Module '$modulePath'; 'rea' + 'dy'" Enter
            Wait-Screen '^ready'
            $process = [int](tmux -L $terminal display-message -p -t t '#{pane_pid}')
            tmux -L $terminal send-keys -t t 'Watch-EbpfTrace exec -ProcessName no-such-process' Enter
            Wait-Until -For 'the probe' { @(Get-HeldObject $process | Where-Object { $_ -like 'link_id *' }) }
            tmux -L $terminal send-keys -t t C-c
            Wait-Until -For 'the kernel to be left' { -not (Get-HeldObject $process) }
            tmux -L $terminal send-keys -t t "'still ' + 'there ' + @(Get-EbpfProbe).Count" Enter
            Wait-Screen '^still there 0'
        }
        finally {
            tmux -L $terminal kill-server
        }
    }
}

Describe 'Ends from downstream' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'Select-Object -First 5 ends the watch and detaches' {
        $flood = Start-Flood
        $events = @(Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | Select-Object -First 5)
        $events.Count | Should -Be 5
        Get-HeldObject | Should -BeNullOrEmpty
        Stop-Workload $flood
    }

    It 'Select-Object -First ends Receive-EbpfEvent; what was not handed on stays in the session' {
        $tool = New-Tool pst-first
        $session = Start-EbpfProbe exec -ProcessName pst-first
        1..5 | ForEach-Object { & $tool }
        @($session | Receive-EbpfEvent | Select-Object -First 2).Count | Should -Be 2
        $session.HasReader | Should -BeFalse
        @($session | Receive-EbpfEvent).Count | Should -Be 3
        Stop-EbpfProbe $session | Out-Null
    }

    It 'an exception downstream ends the watch: <Command>' -ForEach @(
        @{ Command = { Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | ForEach-Object { throw 'enough' } } }
        @{ Command = { Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | ForEach-Object { Write-Error 'enough' -ErrorAction Stop } } }
        @{ Command = { foreach ($event in Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore -MaxEvents 10) { throw 'enough' } } }
    ) {
        $flood = Start-Flood
        $Command | Should -Throw enough
        Get-HeldObject | Should -BeNullOrEmpty
        Stop-Workload $flood
    }

    It 'break and return end the watch' {
        $flood = Start-Flood
        function Get-One { Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | ForEach-Object { return $_ } | Select-Object -First 1 }
        @(Get-One).Count | Should -Be 1
        $count = 0
        :outer while ($true) {
            Watch-EbpfTrace open -ProcessName pst-flood -LossAction Ignore | ForEach-Object { $count++; break outer }
        }
        $count | Should -Be 1
        Stop-Workload $flood
    }

    It 'an error in a command after the watch has started it ends it' {
        { Watch-EbpfTrace exit -ProcessName no-such-process | Get-NoSuchCommand } | Should -Throw '*Get-NoSuchCommand*'
        { Watch-EbpfTrace exit -Duration 5 | Sort-Object -NoSuchParameter } | Should -Throw
    }
}

Describe 'Several at once' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'two runspaces watch beside each other, and each has all of its own events' {
        $one, $two = @(New-Tool pst-one) + @(New-Tool pst-two)
        $watches = foreach ($name in 'pst-one', 'pst-two') {
            Start-Pipeline -Sessions 1 -Parameter @{ Name = $name } { param($Name) Watch-EbpfTrace exec -ProcessName $Name -MaxEvents 5 }
        }
        1..5 | ForEach-Object { & $one; & $two }
        $results = $watches | ForEach-Object { Complete-Pipeline $_ }
        @($results[0].Output.ProcessName | Select-Object -Unique) | Should -Be pst-one
        @($results[1].Output.ProcessName | Select-Object -Unique) | Should -Be pst-two
        $results | ForEach-Object { $_.Output.Count | Should -Be 5; $_.Error | Should -BeNullOrEmpty }
    }

    It 'two watches of the same events both have them all' {
        $tool = New-Tool pst-both
        $watches = 1..2 | ForEach-Object { Start-Pipeline -Sessions 1 { Watch-EbpfTrace exec -ProcessName pst-both -MaxEvents 3 } }
        1..3 | ForEach-Object { & $tool }
        $results = $watches | ForEach-Object { Complete-Pipeline $_ }
        $results[0].Output.ProcessId | Should -Be $results[1].Output.ProcessId
        $results[0].Output.TimestampNs.Count | Should -Be 3
    }

    It 'a session of one runspace can be read and stopped in another' {
        $tool = New-Tool pst-across
        $session = Start-EbpfProbe exec -ProcessName pst-across
        & $tool
        $result = Complete-Pipeline (Start-Pipeline -Parameter @{ Id = $session.Id } { param($Id) Receive-EbpfEvent -Id $Id; Stop-EbpfProbe -Id $Id })
        $result.Error | Should -BeNullOrEmpty
        $result.Output.Count | Should -Be 2
        $session.State | Should -Be Stopped
    }

    It 'many threads start and stop sessions at once' {
        $losses = @(1..4 | ForEach-Object -Parallel {
                Import-Module $using:modulePath
                1..3 | ForEach-Object { Start-EbpfProbe exit, connect | Stop-EbpfProbe }
            } -ThrottleLimit 4)
        $losses.Count | Should -Be 12
        $losses.Name | Select-Object -Unique | Should -Be 'exit+connect'
    }

    It 'Start-ThreadJob carries events' {
        $tool = New-Tool pst-job
        $job = Start-ThreadJob { Import-Module $using:modulePath; Watch-EbpfTrace exec -ProcessName pst-job -MaxEvents 1 }
        Wait-Until -For 'the session of the job' { @(Get-EbpfProbe).Count -eq 1 }
        & $tool
        ($job | Wait-Job | Receive-Job).ProcessName | Should -Be pst-job
        Remove-Job $job
    }
}
