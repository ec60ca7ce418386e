# Start-EbpfProbe and Watch-EbpfTrace with -Path and -TracePipe: a compiled object of the tests' own.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $objects = Join-Path $repoRoot 'tests/kernel/bin/Release/net8.0/objects'
    $records = Join-Path $objects 'records.bpf.o'

    # The syscall that the objects of the tests look at; nothing else in this process makes it.
    Add-Type -Namespace PathTests -Name Native -MemberDefinition '[DllImport("libc")] public static extern int getppid();'

    function Get-Record([hashtable] $Parameter, [int] $Count = 1) {
        $session = Start-EbpfProbe -Path $records -Variable @{ traced_pid = $PID } @Parameter -WarningAction Ignore
        try {
            1..$Count | ForEach-Object { [void][PathTests.Native]::getppid() }
            $session | Receive-EbpfEvent
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }
}

Describe 'Start-EbpfProbe -Path' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'gives records with a property for each member of the struct' {
        $record = Get-Record @{}
        $record.pid | Should -Be $PID
        $record.action | Should -Be ANSWERED
        $record.rights.HasFlag($record.rights.GetType()::EXECUTE) | Should -BeTrue
        $record.'from.x' | Should -Be -3
        $record.low | Should -Be 5
        $record.corners[1].y | Should -Be -9
        $record.PSObject.TypeNames[0, 1] | Should -Be 'EbpfPs.Objects.records.event', 'EbpfPs.Probes.ObjectRecord'
        @($record.PSObject.Properties | Where-Object MemberType -ne Property) | Should -BeNullOrEmpty
    }

    It 'gives records that go through CSV and Format-Table' {
        $two = @(Get-Record @{ As = @{ address = 'ipv4'; result = 'Errno' } } 2)
        $csv = @($two | ConvertTo-Csv | ConvertFrom-Csv)
        $csv.Count | Should -Be 2
        $csv[0].address | Should -BeExactly 127.0.0.1
        $csv[0].resultName | Should -BeExactly ENOENT
        $csv[0].'from.y' | Should -BeExactly 70000
        $lines = @($two | Format-Table pid, action, from.x | Get-Line -Width 80)
        $lines[0] | Should -Match '^ *pid +action +from\.x'
        $lines[2] | Should -Match "^ *$PID +ANSWERED +-3"
    }

    It 'completes the members of what came' {
        $record = Get-Record @{}
        $offered = Get-Completion '$record.comm' | ForEach-Object ListItemText
        $offered | Should -Contain comm
    }

    It 'says which program was refused, and why, and runs the other' {
        $session = Start-EbpfProbe -Path $records -WarningVariable said -WarningAction SilentlyContinue
        $programs = $session.Programs
        $session | Stop-EbpfProbe | Out-Null
        $said.Count | Should -Be 1
        $said[0].Message | Should -Match "^Program 'refused' of 'records' \(raw_tracepoint/sys_enter\) was not loaded: "
        $programs.Name | Should -Be asked, refused
        $programs.State | Should -Be Attached, Refused
        $programs[0].Hooks | Should -Be tp/syscalls/sys_enter_getppid
        $session.Name | Should -Be records
    }

    It 'takes the programs that are named, and no others' {
        $session = Start-EbpfProbe -Path $records -Program asked -WarningVariable said
        $session | Stop-EbpfProbe | Out-Null
        $said | Should -BeNullOrEmpty
        $problem = Get-TheError { Start-EbpfProbe -Path $records -Program refused }
        Assert-Error $problem -Id 'EbpfPs.VerifierRefused,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidData -Target records -Message refused -Action verifier
        $problem = Get-TheError { Start-EbpfProbe -Path $records -Program nothing }
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target nothing -Message "no program 'nothing'" -Action 'asked, refused'
    }

    It 'knows what it can not know: no numbers of what was made' {
        $session = Start-EbpfProbe -Path $records -WarningAction Ignore
        $loss = $session | Stop-EbpfProbe
        foreach ($name in 'Produced', 'RingFull', 'Unread', 'MapFull', 'Truncated') {
            $loss.$name | Should -Be $null -Because $name
        }
        $loss.Missed | Should -Be 0
        $loss.Lost | Should -Be 0
    }

    It 'attaches nothing with -WhatIf' {
        $output = Start-EbpfProbe -Path $records -WhatIf -WarningAction Ignore 6>&1
        $output | Should -BeNullOrEmpty
        Get-EbpfProbe | Should -BeNullOrEmpty
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a file that is not there'; Parameter = @{ Path = '/no/such.bpf.o' }; Id = 'NotFound'; Category = 'ObjectNotFound'; Target = '/no/such.bpf.o'; Message = "'/no/such.bpf.o' can't be read"; Action = 'clang -target bpf' }
        @{ What = 'a file that is no object'; Parameter = @{ Path = '/bin/true' }; Id = 'InvalidObject'; Category = 'InvalidData'; Target = 'true'; Message = 'not a relocatable file'; Action = 'clang -target bpf' }
        @{ What = 'a variable that it has not'; Parameter = @{ Variable = @{ nothing = 1 } }; Id = 'NotFound'; Category = 'ObjectNotFound'; Target = 'nothing'; Message = "no variable 'nothing'"; Action = 'unsigned int traced_pid' }
        @{ What = 'a value out of range'; Parameter = @{ Variable = @{ traced_pid = -1 } }; Id = 'InvalidArgument'; Category = 'InvalidArgument'; Target = 'traced_pid'; Message = "'traced_pid' is a unsigned int and can't be -1"; Action = '0 to 4294967295' }
        @{ What = 'a struct that it has not'; Parameter = @{ EventType = 'other' }; Id = 'NotFound'; Category = 'ObjectNotFound'; Target = 'other'; Message = "no struct 'other'"; Action = 'event' }
        @{ What = 'a field that the struct has not'; Parameter = @{ As = @{ nothing = 'ipv4' } }; Id = 'NotFound'; Category = 'ObjectNotFound'; Target = 'nothing'; Message = "struct event has no field 'nothing'"; Action = 'pid, comm' }
        @{ What = 'a field that is no address'; Parameter = @{ As = @{ comm = 'ipv4' } }; Id = 'InvalidArgument'; Category = 'InvalidArgument'; Target = 'comm'; Message = 'no IPv4'; Action = 'IPv4 takes 4 bytes' }
        @{ What = 'a meaning that there is not'; Parameter = @{ As = @{ pid = 'colour' } }; Id = 'InvalidArgument'; Category = 'InvalidArgument'; Target = 'pid'; Message = "'colour'"; Action = 'IPv4, IPv6' }
        @{ What = 'a buffer that can not be'; Parameter = @{ BufferSize = 5000 }; Id = 'InvalidArgument'; Category = 'InvalidArgument'; Target = 5000; Message = 'power of two'; Action = '-BufferSize 8192' }
    ) {
        $all = @{ Path = $records }
        $Parameter.Keys | ForEach-Object { $all[$_] = $Parameter[$_] }
        $problem = Get-TheError { Start-EbpfProbe @all }
        Assert-Error $problem -Id "EbpfPs.$Id,EbpfPs.Cmdlets.StartEbpfProbeCommand" -Category $Category -Target $Target -Message $Message -Action $Action
    }

    It 'Tab offers programs, structs and interfaces' {
        @((Get-Completion "Start-EbpfProbe -Path $records -Program ").CompletionText) | Should -Be asked, refused
        $types = Get-Completion "Start-EbpfProbe -Path $records -EventType "
        @($types.CompletionText) | Should -Be event
        $types[0].ToolTip | Should -Match '^struct event \{ unsigned int pid; char\[16\] comm;'
        (Get-Completion "Start-EbpfProbe -Path $records -Interface l").CompletionText | Should -Contain lo
    }
}

Describe 'Watch-EbpfTrace -Path' {
    It 'streams records until it has enough' {
        $pipeline = Start-Pipeline -Sessions 1 -Parameter @{ File = $records; Id = $PID } { param($File, $Id) Watch-EbpfTrace -Path $File -Variable @{ traced_pid = $Id } -MaxEvents 3 -WarningAction Ignore }
        1..5 | ForEach-Object { [void][PathTests.Native]::getppid() }
        $result = Complete-Pipeline $pipeline
        $result.Error | Should -BeNullOrEmpty
        $result.Output.Count | Should -Be 3
        $result.Output[2].pid | Should -Be $PID
    }

    It 'streams a session that runs' {
        $session = Start-EbpfProbe -Path $records -Variable @{ traced_pid = $PID } -WarningAction Ignore
        1..2 | ForEach-Object { [void][PathTests.Native]::getppid() }
        @($session | Watch-EbpfTrace -MaxEvents 2).Count | Should -Be 2
        $session.State | Should -Be Running
        $session | Stop-EbpfProbe | Out-Null
    }
}

Describe '-TracePipe' {
    BeforeAll { $printing = Join-Path $objects 'printing.bpf.o' }
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'gives what a program of an object prints' {
        $session = Start-EbpfProbe -Path $printing -TracePipe -Variable @{ traced_pid = $PID }
        $before = Get-Date
        [void][PathTests.Native]::getppid()
        $messages = @($session | Receive-EbpfEvent -MaxEvents 2 -Timeout 5)
        $session | Stop-EbpfProbe | Out-Null
        $messages[0] | Should -BeOfType EbpfPs.Events.TraceMessage
        $messages[0].Message | Should -BeExactly "pid $PID"
        $messages[1].Message | Should -BeExactly "two`nlines"
        $messages[0].ProcessId | Should -Be $PID
        $messages[0].Time | Should -BeGreaterThan $before.AddSeconds(-1)
        $messages[0].Time | Should -BeLessThan (Get-Date).AddSeconds(1)
        Get-ChildItem /sys/kernel/tracing/instances -Filter "ebpfps-$PID-*" | Should -BeNullOrEmpty
    }

    It 'takes from the pipe that all share where it can have none of its own' {
        $hidden = 'unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o ro none /sys/kernel/tracing/instances && exec "$@"', 'sh'
        $said = Invoke-OtherPwsh -Launcher $hidden @"
            Add-Type -Namespace PathTests -Name Native -MemberDefinition '[System.Runtime.InteropServices.DllImport("libc")] public static extern int getppid();'
            `$session = Start-EbpfProbe -Path '$printing' -TracePipe -Variable @{ traced_pid = `$PID } -WarningVariable warnings -WarningAction SilentlyContinue
            [void][PathTests.Native]::getppid()
            `$without = @(`$session | Receive-EbpfEvent -WarningAction SilentlyContinue)
            [void][PathTests.Native]::getppid()
            `$with = @(`$session | Watch-EbpfTrace -Duration 300ms -LossAction Ignore)
            `$session | Stop-EbpfProbe -WarningAction SilentlyContinue | Out-Null
            [pscustomobject]@{ Process = `$PID; Received = @(`$without.Message); Watched = @(`$with.Message); Warnings = @(`$warnings | ForEach-Object { "`$_" }) }
"@

        # What nobody has read is there too, of everything that ever printed on this machine.
        $said.Received | Select-Object -Last 2 | Should -Be "pid $($said.Process)", "two`nlines"
        $said.Watched | Select-Object -Last 2 | Should -Be "pid $($said.Process)", "two`nlines"
        $said.Warnings | Should -HaveCount 1
        $said.Warnings | Should -BeLike '*the trace pipe that all readers share*'
    }

    It 'ends after its duration however much others print' {
        $caller = Start-GatedShell pst-caller "exec '$(Get-Workload calling)' several 1000000000"
        try {
            $session = Start-EbpfProbe -Path $printing -Variable @{ traced_pid = $caller.Id }
            $caller.StandardInput.Write("go`ngo`n")
            $watch = Start-Pipeline { Watch-EbpfTrace -TracePipe -Duration 300ms -LossAction Ignore }
            $result = Complete-Pipeline $watch
        } finally {
            Stop-Workload $caller
        }
        $session | Stop-EbpfProbe | Out-Null
        $result.Error | Should -BeNullOrEmpty
        $result.Output.Count | Should -BeGreaterThan 1
    }

    It 'gives each of two readers all messages' {
        $session = Start-EbpfProbe -Path $printing -Variable @{ traced_pid = $PID }
        $readers = @((Start-EbpfProbe -TracePipe), (Start-EbpfProbe -TracePipe))
        [void][PathTests.Native]::getppid()
        $texts = foreach ($reader in $readers) { , @($reader | Receive-EbpfEvent -MaxEvents 2 -Timeout 5 | ForEach-Object Message) }
        $session, $readers | ForEach-Object { $_ } | Stop-EbpfProbe | Out-Null
        $texts[0] | Should -Be "pid $PID", "two`nlines"
        $texts[1] | Should -Be "pid $PID", "two`nlines"
    }
}

Describe 'The views' {
    It 'show records as rows or lists, with no control characters as they are' {
        $session = Start-EbpfProbe -Path (Join-Path $objects 'perf.bpf.o') -Variable @{ traced_pid = $PID }
        1..2 | ForEach-Object { [void][PathTests.Native]::getppid() }
        $rows = @($session | Receive-EbpfEvent)
        $session | Stop-EbpfProbe | Out-Null
        $lines = @($rows | Get-Line -Width 120 | Where-Object { $_ })
        $lines[0] | Should -Match '^ +pid +number place +grid +low +high comm$'
        $lines[1] | Should -Match '^ *--- '
        $lines[2] | Should -Match "^ +$PID +0 FIRST \[\[0 0 0\] \[0 0 -4\]\] +17 +0 "
        $lines[3] | Should -Match "^ +$PID +1 LATER "
        $lines.Count | Should -Be 4

        $list = @(Get-Record @{} | Get-Line -Width 120)
        $list | Where-Object { $_ -match '^from\.y +: 70000$' } | Should -HaveCount 1
        "$($rows[0])" | Should -Match "^pid=$PID, number=0, place=FIRST, "
    }

    It 'show what became of the programs' {
        $session = Start-EbpfProbe -Path $records -WarningAction Ignore
        $lines = @($session.Programs | Get-Line -Width 100)
        $session | Stop-EbpfProbe | Out-Null
        $lines[2] | Should -Match '^asked +Attached tp/syscalls/sys_enter_getpp… tp/syscalls/sys_enter_getppid$'
        $lines[3] | Should -Match '^refused +Refused +raw_tracepoint/sys_enter '
    }
}
