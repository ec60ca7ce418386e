# Watch-EbpfTrace: how a watch begins and ends, and what it says about loss. Its filters are in Filter.Tests.ps1, being
# stopped from outside in Streams.Tests.ps1.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Watch-EbpfTrace' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    Context 'its end' {
        It '-Duration <Time> ends it' -ForEach @(
            @{ Time = 0.3 }, @{ Time = '300ms' }, @{ Time = [timespan]::FromMilliseconds(300) }
        ) {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            Watch-EbpfTrace exec -ProcessName no-such-process -Duration $Time | Should -BeNullOrEmpty
            $watch.Elapsed.TotalMilliseconds | Should -BeGreaterOrEqual 299
        }

        It '-Duration hands on what came until then, to the last event' {
            # The shell opens all the time, and the account is taken when the session has ended.
            $flood = Start-GatedShell pst-flood 'while :; do : </dev/null; sleep 0.01; done'
            $flood.StandardInput.WriteLine('go')
            $said = @(Watch-EbpfTrace open -ProcessName pst-flood -Duration 500ms -BufferSize 16MB -Verbose 4>&1)
            Stop-Workload $flood
            $events = @($said | Where-Object { $_ -is [EbpfPs.Events.OpenEvent] })
            $account = @($said | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message)[-1]
            $events.Count | Should -BeGreaterThan 0
            $account | Should -Match "Produced $($events.Count), Delivered $($events.Count), Unread 0, RingFull 0"
        }

        It '-MaxEvents ends it after so many' {
            $flood = Start-GatedShell pst-flood (Get-OpenLoop)
            $flood.StandardInput.WriteLine('go')
            @(Watch-EbpfTrace open -ProcessName pst-flood -MaxEvents 7).Count | Should -Be 7
            @(Watch-EbpfTrace open -ProcessName pst-flood -MaxEvents 1).Count | Should -Be 1
            Stop-Workload $flood
        }

        It 'the end of the processes of -ProcessId ends it' {
            $shells = @(1..2 | ForEach-Object { Start-GatedShell "pst-end$_" ': </dev/null' })
            $watch = Start-Pipeline -Sessions 1 -Parameter @{ ProcessId = @($shells.Id) } { param($ProcessId) Watch-EbpfTrace open -ProcessId $ProcessId }
            Complete-GatedShell $shells[0]
            Wait-Until -For 'the first event' { $watch.Output.Count -gt 0 }
            $watch.Call.IsCompleted | Should -BeFalse -Because 'the other process still runs'
            Complete-GatedShell $shells[1]
            $result = Complete-Pipeline $watch
            $result.Error | Should -BeNullOrEmpty
            @($result.Output | Where-Object FileName -EQ /dev/null).Count | Should -Be 2
        }

        It 'with -IncludeChild the end of their last child ends it' {
            $shell = Start-GatedShell pst-parent "(read go2; : </dev/zero) <&3 & :" -Before sh, -c, 'exec 3<&0; exec "$@"', sh
            $watch = Start-Pipeline -Sessions 1 -Parameter @{ ProcessId = $shell.Id } { param($ProcessId) Watch-EbpfTrace open -ProcessId $ProcessId -IncludeChild }
            $shell.StandardInput.WriteLine('go')
            $shell.WaitForExit()
            $watch.Call.AsyncWaitHandle.WaitOne(300) | Should -BeFalse -Because 'its child still runs'
            $shell.StandardInput.WriteLine('go')
            $result = Complete-Pipeline $watch
            @($result.Output | Where-Object FileName -EQ /dev/zero).Count | Should -Be 1
            $shell.Dispose()
        }

        It 'processes that have gone already are an error, and nothing is watched' {
            $shell = Start-GatedShell pst-gone ':'
            $gone = $shell.Id
            Complete-GatedShell $shell
            $problem = Get-TheError { Watch-EbpfTrace open -ProcessId $gone }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category ObjectNotFound -Target $gone -Message "no process $gone" -Action Get-Process
        }
    }

    Context 'its input' {
        It 'Get-Process | Watch-EbpfTrace is one session' {
            $shells = @(1..2 | ForEach-Object { Start-GatedShell "pst-in$_" ': </dev/null' })
            $watch = Start-Pipeline -Sessions 1 -Parameter @{ ProcessId = @($shells.Id) } { param($ProcessId) Get-Process -Id $ProcessId | Watch-EbpfTrace open }
            $watch.Sessions.Count | Should -Be 1
            @($watch.Sessions[0].Options.Filter.ProcessIds).Count | Should -Be 2
            $shells | ForEach-Object { Complete-GatedShell $_ }
            $result = Complete-Pipeline $watch
            @($result.Output | Where-Object FileName -EQ /dev/null | ForEach-Object ProcessName | Sort-Object) | Should -Be pst-in1, pst-in2
        }

        It 'no process at all is watched as none, not as all' {
            Get-Process -Name no-such-process-* | Watch-EbpfTrace open | Should -BeNullOrEmpty
        }

        It 'sessions by value are streamed, and go on afterwards' {
            $tool = New-Tool pst-value
            $first, $second = @(Start-EbpfProbe exec -ProcessName pst-value) + @(Start-EbpfProbe exit -ProcessName pst-value)
            & $tool
            $events = @($first, $second | Watch-EbpfTrace -MaxEvents 2)
            @($events.Probe | Sort-Object) | Should -Be exec, exit
            $first.State, $second.State | Should -Be Running, Running
            $first.HasReader, $second.HasReader | Should -Be $false, $false
            & $tool
            @(Watch-EbpfTrace -InputObject $second -MaxEvents 1).Probe | Should -Be exit
            $first, $second | Stop-EbpfProbe | Out-Null
        }

        It 'a session that another reader holds is refused' {
            $session = Start-EbpfProbe exit
            $watch = Start-Pipeline -Parameter @{ Session = $session } { param($Session) $Session | Watch-EbpfTrace }
            Wait-Until -For 'the reader' { $session.HasReader }
            $problem = Get-TheError { $session | Watch-EbpfTrace }
            Assert-Error $problem -Id 'EbpfPs.Busy,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category ResourceBusy -Target exit -Message "Another reader holds session $($session.Id)" -Action 'one reader at a time'
            Stop-EbpfProbe $session | Out-Null
            Complete-Pipeline $watch | Out-Null
        }

        It 'a session that was stopped is refused' {
            $session = Start-EbpfProbe exit
            Stop-EbpfProbe $session | Out-Null
            $problem = Get-TheError { $session | Watch-EbpfTrace }
            Assert-Error $problem -Id 'EbpfPs.AlreadyStopped,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category InvalidOperation -Target exit -Message 'was stopped' -Action Start-EbpfProbe
        }
    }

    Context 'several probes' {
        It 'are one stream in the order of time' {
            $tool = New-Tool pst-stream
            $watch = Start-Pipeline -Sessions 1 { Watch-EbpfTrace exec, exit, open -ProcessName pst-stream }
            1..10 | ForEach-Object { & $tool }
            Stop-EbpfProbe $watch.Sessions | Out-Null
            $events = (Complete-Pipeline $watch).Output
            @($events | Where-Object Probe -EQ exec).Count | Should -Be 10
            @($events | Where-Object Probe -EQ exit).Count | Should -Be 10
            $events.TimestampNs | Should -Be @($events.TimestampNs | Sort-Object)
            foreach ($process in $events | Group-Object ProcessId) {
                $process.Group[0].Probe | Should -Be exec
                $process.Group[-1].Probe | Should -Be exit
            }
        }
    }

    Context '-LossAction' {
        BeforeAll {
            # A watch whose pipeline takes nothing more after its first event, until the burst is over.
            function Get-Burst([hashtable] $Parameter) {
                $shell = Start-GatedShell pst-burst (Get-OpenLoop 3000)
                $gate = [Threading.ManualResetEventSlim]::new()
                $pipeline = Start-Pipeline -Sessions 1 -Parameter @{ More = $Parameter; Gate = $gate } {
                    param($More, $Gate)
                    Watch-EbpfTrace open -ProcessName pst-burst -BufferSize 4KB @More | ForEach-Object { $Gate.Wait(); $_ }
                }
                $id = $shell.Id
                Complete-GatedShell $shell
                $loss = $pipeline.Sessions[0].Loss
                $gate.Set()
                if ($Parameter['LossAction'] -ne 'Stop') {
                    Stop-EbpfProbe $pipeline.Sessions | Out-Null
                }

                $result = Complete-Pipeline $pipeline
                $result | Add-Member Loss $pipeline.Sessions[0].Loss -PassThru
            }
        }

        It '<Name> is one warning with the numbers and what to do' -ForEach @(
            @{ Name = 'Warn'; More = @{ LossAction = 'Warn' } }
            @{ Name = 'the default'; More = @{} }
        ) {
            $result = Get-Burst $More
            $result.Loss.Produced | Should -Be 3000
            $result.Loss.RingFull | Should -BeGreaterThan 2500
            $result.Loss.Delivered + $result.Loss.RingFull | Should -Be 3000
            $result.Output.Count | Should -Be $result.Loss.Delivered
            $result.Error | Should -BeNullOrEmpty
            $result.Warning.Count | Should -Be 1
            $result.Warning[0] | Should -Match "events were lost \(RingFull $($result.Loss.RingFull)"
            $result.Warning[0] | Should -Match "3000 were produced and $($result.Loss.Delivered) delivered"
            $result.Warning[0] | Should -Match '-BufferSize 16KB'
        }

        It 'Ignore says nothing' {
            $result = Get-Burst @{ LossAction = 'Ignore' }
            $result.Loss.RingFull | Should -BeGreaterThan 2500
            $result.Warning | Should -BeNullOrEmpty
            $result.Error | Should -BeNullOrEmpty
        }

        It 'Stop ends with one error that has the report' {
            $result = Get-Burst @{ LossAction = 'Stop' }
            $result.Error.Count | Should -Be 1
            Assert-Error $result.Error[0] -Id 'EbpfPs.EventsLost,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category LimitsExceeded -Target $result.Error[0].TargetObject -Message "RingFull \d+" -Action '-BufferSize 16KB'
            $result.Error[0].TargetObject | Should -BeOfType EbpfPs.Probes.LossReport
            $result.Error[0].TargetObject.RingFull | Should -BeGreaterThan 0
            $result.Warning | Should -BeNullOrEmpty -Because 'the error has said it'
        }

        It 'nothing is said when nothing is lost' {
            $said = @(Watch-EbpfTrace exit -ProcessName no-such-process -Duration 50ms 3>&1)
            $said | Should -BeNullOrEmpty
        }

        It 'of a session that is watched is its starter''s, unless the watch has its own' {
            $shell = Start-GatedShell pst-burst (Get-OpenLoop 500)
            $session = Start-EbpfProbe open -ProcessName pst-burst -BufferSize 4KB -LossAction Ignore
            Complete-GatedShell $shell
            @($session | Watch-EbpfTrace -Duration 0 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }) | Should -BeNullOrEmpty
            $warnings = @($session | Watch-EbpfTrace -Duration 0 -LossAction Warn 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })
            $warnings.Count | Should -Be 1
            Stop-EbpfProbe $session | Out-Null
        }
    }

    Context '-Verbose' {
        It 'tells how it is attached, and gives the account at the end' {
            $said = @(Watch-EbpfTrace exec, open -ProcessName no-such-process -Duration 50ms -Verbose 4>&1 | ForEach-Object Message)
            @($said -match "^Probe 'exec' is attached \((raw )?tracepoint\): .*sched_process_exec").Count | Should -Be 1
            @($said -match "^Probe 'open' is attached \((raw )?tracepoint\): .*openat.*io_uring").Count | Should -Be 1
            $said[-1] | Should -Match '^exec\+open, [\d.]+ s: Produced 0, Delivered 0, Unread 0, RingFull 0, MapFull 0, Missed \w+, Truncated 0, Undecoded 0\.$'
        }
    }

    Context 'what it refuses' {
        It 'no name' {
            $problem = Get-TheError { Watch-EbpfTrace }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category InvalidArgument -Target Watch-EbpfTrace -Message 'No probe was named' -Action 'Get-EbpfProbe -ListAvailable'
        }

        It 'an unknown name' {
            $problem = Get-TheError { Watch-EbpfTrace exce }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category ObjectNotFound -Target exce -Message "no probe 'exce'" -Action "Did you mean 'exec'"
        }

        It 'a buffer whose size is no power of two' {
            $problem = Get-TheError { Watch-EbpfTrace exec -BufferSize 100KB }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category InvalidArgument -Target 100KB -Message '102400 bytes' -Action '-BufferSize 131072'
        }

        It 'an unknown user, an unknown cgroup, a malformed wildcard' {
            (Get-TheError { Watch-EbpfTrace exec -UserName no-such-user }).TargetObject | Should -Be no-such-user
            (Get-TheError { Watch-EbpfTrace exec -ProcessName '[' }).TargetObject | Should -Be '['
        }

        It 'the duration <_>' -ForEach 'soon', '3 fortnights' {
            $problem = Get-TheError { Watch-EbpfTrace exec -Duration $_ }
            $problem.FullyQualifiedErrorId | Should -Be 'ParameterArgumentTransformationError,EbpfPs.Cmdlets.WatchEbpfTraceCommand'
            $problem.Exception.Message | Should -Match "'$_' is not a time. Use seconds"
        }

        It '-MaxEvents <_>' -ForEach 0, -3 {
            (Get-TheError { Watch-EbpfTrace exec -MaxEvents $_ }).FullyQualifiedErrorId | Should -Be 'ParameterArgumentValidationError,EbpfPs.Cmdlets.WatchEbpfTraceCommand'
        }

        It 'names together with sessions' {
            $session = Start-EbpfProbe exit
            $problem = Get-TheError { Watch-EbpfTrace -Name exec -InputObject $session }
            $problem.FullyQualifiedErrorId | Should -Be 'AmbiguousParameterSet,EbpfPs.Cmdlets.WatchEbpfTraceCommand'
            Stop-EbpfProbe $session | Out-Null
        }
    }
}
