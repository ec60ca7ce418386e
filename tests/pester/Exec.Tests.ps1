# The probe exec at the prompt. Every way to execute and every odd argument is in tests/kernel.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Probe exec' {
    BeforeAll {
        $tool = New-Tool pst-exec
        function Get-ExecEvent([scriptblock] $Workload, [hashtable] $Parameter = @{ ProcessName = 'pst-exec' }) {
            @(Get-EventOf -How Start -Parameter (@{ Name = 'exec' } + $Parameter) $Workload)
        }
    }
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'has every property of a program that was executed' {
        $before = [datetime]::Now
        $events = @(Get-ExecEvent { & $tool one 'two words' })
        $events.Count | Should -Be 1
        $event = $events[0]
        $event | Should -BeOfType EbpfPs.Events.ExecEvent
        $event.Probe | Should -Be exec
        $event.FileName | Should -Be $tool
        $event.ArgumentList | Should -Be $tool, one, 'two words'
        , $event.ArgumentList | Should -BeOfType string[]
        $event.CommandLine | Should -Be "$tool one 'two words'"
        $event.ArgumentLength | Should -Be ($tool.Length + 1 + 4 + 10)
        $event.Truncated | Should -BeFalse
        $event.ErrorNumber | Should -Be 0
        $event.ErrorName | Should -BeExactly ''
        $event.ProcessName | Should -Be pst-exec
        $event.ProcessId | Should -BeGreaterThan 1
        $event.ThreadId | Should -Be $event.ProcessId
        $event.ParentProcessId | Should -Be $PID
        $event.ParentProcessName | Should -Be ([IO.File]::ReadAllText("/proc/$PID/comm").TrimEnd())
        $event.UserId | Should -Be 0
        $event.UserName | Should -Be root
        $event.GroupId | Should -Be 0
        $event.Cpu | Should -BeIn (0..([Environment]::ProcessorCount + 255))
        $event.ComputerName | Should -Be ([Environment]::MachineName)
        $event.CgroupId | Should -BeGreaterThan 0
        $event.Time.Kind | Should -Be Local
        $event.Time | Should -BeGreaterOrEqual $before
        $event.Time | Should -BeLessOrEqual ([datetime]::Now)
        $event.TimestampNs | Should -BeOfType long
        $event.Time.ToUniversalTime() | Should -Be ([datetime]::UnixEpoch.AddTicks([long][Math]::Floor([decimal]$event.TimestampNs / 100)))
    }

    It 'has aliases for the names that other tools use: Id, Pid, Comm' {
        $event = (Get-ExecEvent { & $tool })[0]
        $event.Id | Should -Be $event.ProcessId
        $event.Pid | Should -Be $event.ProcessId
        $event.Comm | Should -Be pst-exec
    }

    It 'goes on to Get-Process and other commands that take an Id from the pipeline' {
        $sleeper = New-Tool pst-sleep /bin/sleep
        $session = Start-EbpfProbe exec -ProcessName pst-sleep
        $process = Start-Process $sleeper 60 -PassThru
        $found = @(Receive-EbpfEvent $session | Get-Process)
        Stop-EbpfProbe $session | Out-Null
        $found.Id | Should -Be $process.Id
        $process.Kill()
        $process.WaitForExit()
        $process.Dispose()
    }

    It 'names the script, and the interpreter''s arguments' {
        $script = Join-Path $TestDrive pst-script
        [IO.File]::WriteAllText($script, "#!/bin/sh -e`n:`n")
        [IO.File]::SetUnixFileMode($script, 'UserRead, UserExecute')
        $event = (Get-ExecEvent { & $script arg } @{ ProcessName = 'pst-script' })[0]
        $event.FileName | Should -Be $script
        $event.ArgumentList | Should -Be /bin/sh, -e, $script, arg
    }

    It 'shows a failed exec under the old name, with the errno' {
        $shell = Start-GatedShell pst-failing 'exec /no/such/program with arguments'
        $id = $shell.Id
        $events = @(Get-ExecEvent { Complete-GatedShell $shell } @{ ProcessId = $id })
        $events.Count | Should -Be 1
        $events[0].FileName | Should -Be /no/such/program
        $events[0].ArgumentList | Should -Be /no/such/program, with, arguments
        $events[0].ErrorNumber | Should -Be 2
        $events[0].ErrorName | Should -Be ENOENT
        $events[0].ProcessName | Should -Be pst-failing
    }

    It 'quotes CommandLine so that a shell reads it back' {
        $odd = @('', ' ', "it's", '"', '$HOME', '`id`', 'a;b', 'no*match?[x]', "new`nline", "`e[31m", 'ä日', '\')
        $event = (Get-ExecEvent { & $tool @odd })[0]
        $event.ArgumentList | Should -Be (@($tool) + $odd)
        $back = (sh -c "for a in $($event.CommandLine); do printf '%s\0' `"`$a`"; done") -join "`n"
        $back.Split("`0")[0..$odd.Count] | Should -Be (@($tool) + $odd)
    }

    It 'keeps bytes that are not UTF-8' {
        $shell = Start-GatedShell pst-bytes "$tool `"`$(printf 'a\377\303(')`""
        $event = (Get-ExecEvent { Complete-GatedShell $shell })[0]
        $event.ArgumentList[1] | Should -BeExactly "a$([char]0xDCFF)$([char]0xDCC3)("
        [EbpfPs.Events.KernelText]::ToBytes($event.ArgumentList[1]) | Should -Be 0x61, 0xff, 0xc3, 0x28
    }

    It 'reads long arguments whole' {
        $long = 'x' * 100000
        $event = (Get-ExecEvent { & $tool $long })[0]
        $event.Truncated | Should -BeFalse
        $event.ArgumentList[1] | Should -BeExactly $long
    }

    It 'counts cut arguments in the account' {
        $session = Start-EbpfProbe exec -ProcessName pst-exec -MaxArgumentLength 10
        & $tool first second
        $event = Receive-EbpfEvent $session
        $event.Truncated | Should -BeTrue
        (Stop-EbpfProbe $session).Truncated | Should -Be 1
    }

    It 'describes itself in a string' {
        $event = (Get-ExecEvent { & $tool })[0]
        "$event" | Should -Match "^\d\d:\d\d:\d\d\.\d+ exec $($event.ProcessId) pst-exec"
    }
}
