# What is shown: every view's header and a row of it, exactly; and that no text from the kernel reaches the terminal as
# it is, in none of them.

BeforeDiscovery {
    $eventTypes = 'ExecEvent', 'OpenEvent', 'ExitEvent', 'ConnectEvent', 'LatencyEvent'
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'

    # A name that tries everything: colours, lines, a byte that is not UTF-8, the direction of writing, C1, DEL.
    $hostileName = "A`e[31m`n$([char]0xDCFF)$([char]0x202E)$([char]0x9b)$([char]0x7f)Z"
    $shownName = 'A\e[31m\n\xff\u202e\u009b\x7fZ'
    $hostileText = "`e]0;title`a`r`t$([char]0x2066)$([char]0x061c)$([char]0x2028)$([char]0xDC9B)end"
    $shownText = '\e]0;title\x07\r\t\u2066\u061c\u2028\x9bend'
    $printfName = 'A\033[31m\012\377\342\200\256\302\233\177Z'
    $printfText = '\033]0;title\007\015\011\342\201\246\330\234\342\200\250\233end'

    $shell = Start-GatedShell pst-views @'
name=$(printf "$1"); text=$(printf "$2")
mkdir "$3/sh" "$3/connecting"
cp "$0" "$3/sh/$name"; cp "$4" "$3/connecting/$name"
"$3/sh/$name" -c ': <"/no/$0"' "$text"
"$3/connecting/$name" refused 4
'@ -Argument $printfName, $printfText, $TestDrive, (Get-Workload connecting)
    $session = Start-EbpfProbe exec, open, exit, connect, latency -Syscall openat -MinimumDuration 0 -ProcessId $shell.Id -IncludeChild
    Complete-GatedShell $shell
    $all = @(Receive-EbpfEvent $session)
    Stop-EbpfProbe $session | Out-Null
    $hostile = @{}
    foreach ($group in $all | Where-Object { $_.ProcessName -ceq $hostileName } | Group-Object { $_.GetType().Name }) {
        $hostile[$group.Name] = @($group.Group)
    }
}

AfterAll {
    $PSStyle.OutputRendering = $rendering

    # .NET has no way to name files whose names are not UTF-8.
    rm -rf "$TestDrive/sh" "$TestDrive/connecting"
}

Describe 'A hostile <_>' -ForEach $eventTypes {
    BeforeAll {
        $type = $_
        $events = $hostile[$type]
        $script:shownLine = $null
    }

    It 'is there, lossless' {
        $events.Count | Should -BeGreaterThan 0
        $events[0].ProcessName | Should -BeExactly $hostileName
        [EbpfPs.Events.KernelText]::ToBytes($events[0].ProcessName) | Should -Be (0x41, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x0a, 0xff, 0xe2, 0x80, 0xae, 0xc2, 0x9b, 0x7f, 0x5a)
        switch ($type) {
            ExecEvent {
                $events[0].FileName | Should -BeExactly "$TestDrive/sh/$hostileName"
                $events[0].ArgumentList[-1] | Should -BeExactly $hostileText
                $events[0].CommandLine | Should -BeLike "*'$hostileText'"
            }
            OpenEvent { @($events.FileName) | Should -Contain "/no/$hostileText" }
        }
    }

    It 'is shown harmless, an event a row, by <How>' -ForEach @(
        @{ How = 'no view that was asked for'; Show = { $events | Get-Line }; Rows = 2 }
        @{ How = 'Format-Table'; Show = { $events | Format-Table | Get-Line }; Rows = 2 }
        @{ How = 'Format-Table -View Narrow'; Show = { $events | Format-Table -View Narrow | Get-Line -Width 78 }; Rows = 2 }
        @{ How = 'Format-Table -View EbpfEvent'; Show = { $events | Format-Table -View EbpfEvent | Get-Line }; Rows = 2 }
        @{ How = 'Format-Table -AutoSize'; Show = { $events | Format-Table -AutoSize | Get-Line -Width 300 }; Rows = 2 }
        @{ How = 'Format-List'; Show = { $events[0] | Format-List | Get-Line -Width 500 } }
        @{ How = 'Format-List -View EbpfEvent'; Show = { $events[0] | Format-List -View EbpfEvent | Get-Line -Width 500 } }
        @{ How = 'Format-Wide'; Show = { $events | Format-Wide -Column 1 | Get-Line -Width 300 }; Rows = 0 }
        @{ How = 'Format-Custom'; Show = { $events | Format-Custom | Get-Line -Width 300 }; Rows = 0 }
    ) {
        $lines = @(& $Show)
        Assert-Harmless $lines
        if ($null -ne $_['Rows']) {
            $lines.Count | Should -Be ($events.Count + $Rows) -Because 'no text may begin a line of its own'
        }
    }

    It 'shows escapes in place of what they stand for' {
        $list = ($events | Format-List | Get-Line -Width 500) -join "`n"
        $list | Should -Match "(?m)^ProcessName +: $([regex]::Escape($shownName))$"
        $shown = switch ($type) {
            ExecEvent { "'$shownText'" }
            OpenEvent { "/no/$shownText" }
        }
        if ($shown) {
            $list | Should -Match ([regex]::Escape($shown))
            ($events | Format-Table -AutoSize | Get-Line -Width 500) -join "`n" | Should -Match ([regex]::Escape($shown))
        }
    }

    It 'is harmless where another type''s table goes on: <_>' -ForEach 'ExecEvent', 'OpenEvent', 'ExitEvent', 'ConnectEvent', 'LatencyEvent' {
        Assert-Harmless @(@($hostile[$_][0]) + $events | Format-Table | Get-Line -Width 300)
        Assert-Harmless @(@($hostile[$_][0]) + $events | Format-Table -View Narrow | Get-Line -Width 300)
    }

    It 'is harmless where something else was shown before' {
        Assert-Harmless @([pscustomobject]@{ A = 1; B = 2 }; $events | Get-Line -Width 300)
        Assert-Harmless @('text'; $events | Get-Line -Width 300)
    }

    It 'is harmless in a string' {
        Assert-Harmless "$($events[0])"
    }

    It 'is harmless when it comes back from Export-Clixml' {
        $file = Join-Path $TestDrive "$type.xml"
        $events | Export-Clixml $file
        $back = @(Import-Clixml $file)
        $back[0].pstypenames[0] | Should -Be "Deserialized.EbpfPs.Events.$type"
        $back[0].ProcessName | Should -BeExactly $hostileName
        Assert-Harmless @($back | Get-Line -Width 300)
        $global:Error.Clear()
        $list = @($back | Format-List | Get-Line -Width 500)
        $global:Error.Count | Should -Be 0 -Because "the views must take what comes back: $($global:Error)"
        Assert-Harmless $list
        if ($type -eq 'ExecEvent') {
            $list -match '^ArgumentList' -join "`n" | Should -Match ([regex]::Escape($shownText))
        }

        @($back | Format-Table | Get-Line).Count | Should -Be ($events.Count + 2)
    }
}

Describe 'A hostile name in what else is shown' {
    It 'a completion' {
        $sleeper = Start-GatedShell pst-shown 'name=$(printf "$1"); mkdir "$2/sleep"; cp "$0" "$2/sleep/$name"; exec "$2/sleep/$name" -c "read end"' -Argument $printfName, $TestDrive
        $id = $sleeper.Id
        $sleeper.StandardInput.WriteLine('go')
        Wait-Until -For 'the hostile process' { [IO.File]::ReadAllText("/proc/$id/comm") -like 'A*' }
        $offered = @(Get-Completion "Watch-EbpfTrace open -ProcessId $id") + @(Get-Completion 'Watch-EbpfTrace open -ProcessName A' | Where-Object ListItemText -Match 'e\[31m')
        Complete-GatedShell $sleeper
        rm -rf "$TestDrive/sleep"
        $offered.Count | Should -BeGreaterOrEqual 2
        Assert-Harmless $offered.ListItemText
        Assert-Harmless $offered.ToolTip
    }
}

Describe 'The view of <Type>' -ForEach @(
    @{ Type = 'ExecEvent' }, @{ Type = 'OpenEvent' }, @{ Type = 'ExitEvent' }, @{ Type = 'ConnectEvent' }
) {
    BeforeAll {
        # One known event of each type.
        $tool = New-Tool pst-plain
        $connecting = New-Tool pst-conn (Get-Workload connecting)
        $shell = Start-GatedShell pst-shell "$tool 'two words'; : </no/file"
        $session = Start-EbpfProbe exec, open, exit, connect -ProcessName pst-plain, pst-conn, pst-shell
        Complete-GatedShell $shell
        & $connecting refused 4 | Out-Null
        $known = @(Receive-EbpfEvent $session)
        Stop-EbpfProbe $session | Out-Null

        $event = switch ($Type) {
            ExecEvent { $known | Where-Object { $_.Probe -eq 'exec' -and $_.ProcessName -eq 'pst-plain' } }
            OpenEvent { $known | Where-Object { $_.Probe -eq 'open' -and $_.FileName -eq '/no/file' } }
            ExitEvent { $known | Where-Object { $_.Probe -eq 'exit' -and $_.ProcessName -eq 'pst-plain' } }
            ConnectEvent { $known | Where-Object { $_.Probe -eq 'connect' } }
        }
        @($event).Count | Should -Be 1
        $time = '{0:HH:mm:ss.fff}' -f $event.Time
        $seconds = '{0:HH:mm:ss}' -f $event.Time
        $id = '{0,7}' -f $event.ProcessId
        $parent = '{0,7}' -f $event.ParentProcessId
    }

    It 'is a table whose last column takes what room there is' {
        $lines = @($event | Get-Line -Width 200)
        $lines.Count | Should -Be 3
        switch ($Type) {
            ExecEvent {
                $lines[0] | Should -BeExactly 'Time             PID    PPID User     Name            Error        CommandLine'
                $lines[2] | Should -BeExactly "$time $id $parent root     pst-plain                    $tool 'two words'"
            }
            OpenEvent {
                $lines[0] | Should -BeExactly 'Time             PID User     Name                FD/Error   Took FileName, Flags'
                $lines[2] | Should -Match "^$time $id root     pst-shell             ENOENT +[\d.]+(ns|us|ms) /no/file  O_RDONLY$"
            }
            ExitEvent {
                $lines[0] | Should -BeExactly 'Time             PID    PPID User     Name              Result Lifetime Note'
                $lines[2] | Should -Match "^$time $id $parent root     pst-plain              0 +[\d.]+(us|ms|s)$"
            }
            ConnectEvent {
                $lines[0] | Should -BeExactly 'Time             PID Name            Action  Error          Took Remote, Local'
                $lines[2] | Should -Match "^$time $id pst-conn        Connect ECONNREFUSED +[\d.]+(ns|us|ms) 127\.0\.0\.1:$($event.RemotePort)"
            }
        }
    }

    It 'is narrow on demand, for a window of 80' {
        $lines = @($event | Format-Table -View Narrow | Get-Line -Width 80)
        $lines.Count | Should -Be 3
        switch ($Type) {
            ExecEvent {
                $lines[0] | Should -BeExactly 'Time         PID Error        CommandLine'
                $lines[2] | Should -BeLike "$seconds $id              $TestDrive*"
            }
            OpenEvent {
                $lines[0] | Should -BeExactly 'Time         PID Name                FD/Error FileName'
                $lines[2] | Should -BeExactly "$seconds $id pst-shell             ENOENT /no/file"
            }
            ExitEvent {
                $lines[0] | Should -BeExactly 'Time         PID Name              Result Lifetime Note'
                $lines[2] | Should -Match "^$seconds $id pst-plain              0 +[\d.]+(us|ms|s)$"
            }
            ConnectEvent {
                $lines[0] | Should -BeExactly 'Time         PID Name            Action  Error        Remote'
                $lines[2] | Should -BeExactly "$seconds $id pst-conn        Connect ECONNREFUSED 127.0.0.1:$($event.RemotePort)"
            }
        }
    }

    It 'has every property in a list, each in a line' {
        $lines = @($event | Format-List | Get-Line -Width 200)
        $labels = $lines | ForEach-Object { ($_ -split ' *: ?', 2)[0] }
        $common = 'Time', 'Probe', 'ProcessId', 'ThreadId', 'ParentProcessId', 'ProcessName', 'UserId', 'UserName', 'GroupId', 'CgroupId', 'ContainerId', 'Cpu', 'ComputerName'
        $own = switch ($Type) {
            ExecEvent { 'ParentProcessName', 'FileName', 'ArgumentList', 'CommandLine', 'ErrorNumber', 'ErrorName', 'ArgumentLength', 'Truncated' }
            OpenEvent { 'FileName', 'DirectoryDescriptor', 'Flags', 'Mode', 'FileDescriptor', 'ErrorNumber', 'ErrorName', 'Duration', 'Truncated' }
            ExitEvent { 'ExitCode', 'Signal', 'SignalName', 'CoreDumped', 'Lifetime' }
            ConnectEvent { 'Action', 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'ErrorNumber', 'ErrorName', 'Duration', 'BytesSent', 'BytesReceived' }
        }
        @($labels | Sort-Object) | Should -Be @($common + $own | Sort-Object)
        $lines | Should -Contain ($lines -match "^ProcessId +: $($event.ProcessId)$")[0]
    }

    It 'goes on with events of other probes in a row each' {
        $others = @($known | Where-Object { $_.GetType().Name -ne $Type } | Select-Object -First 3)
        $others.Count | Should -BeGreaterThan 0
        $lines = @(@($event) + $others | Get-Line -Width 200)
        $lines.Count | Should -Be (3 + $others.Count)
        $lines[3] | Should -Match "$($others[0].ProcessId) .*$($others[0].Probe)(: | \()"
    }
}

Describe 'Coverage' {
    It 'every view that the module brings is looked at in these tests and those of SessionViews' {
        $brought = Get-FormatData -TypeName 'EbpfPs.*' | ForEach-Object {
            foreach ($definition in $_.FormatViewDefinition) {
                foreach ($name in $_.TypeNames) {
                    '{0} {1} {2}' -f $name, ($definition.Control.GetType().Name -replace 'Control$'), $definition.Name
                }
            }
        }
        $seen = foreach ($type in 'ExecEvent', 'OpenEvent', 'ExitEvent', 'ConnectEvent', 'LatencyEvent') {
            "EbpfPs.Events.$type Table $type", "EbpfPs.Events.$type Table Narrow", "EbpfPs.Events.$type List $type"
            "EbpfPs.Events.EbpfEvent Table $type"
        }
        $seen += foreach ($view in 'Table EbpfEvent', 'Table Narrow', 'List EbpfEvent', 'Wide EbpfEvent', 'Custom EbpfEvent') { "EbpfPs.Events.EbpfEvent $view" }
        $seen += foreach ($type in 'ProbeSession', 'LossReport', 'ProbeInfo') {
            "EbpfPs.Probes.$type Table $type", "EbpfPs.Probes.$type Table Narrow", "EbpfPs.Probes.$type List $type"
        }

        # These have tests beside their commands, and for hostile text in Views.Hostile.
        $elsewhere = 'EbpfPs.Bpf.KernelFeature', 'EbpfPs.HistogramEntry', 'EbpfPs.NumberHistogramEntry', 'EbpfPs.MapEntry', 'EbpfPs.Probes.KernelMap', 'EbpfPs.Probes.SystemProgram',
            'EbpfPs.Probes.SystemLink', 'EbpfPs.Probes.SessionProgram', 'EbpfPs.Probes.ObjectRecord', 'EbpfPs.Probes.ProgramInstruction', 'EbpfPs.Probes.ProgramStatistics',
            'EbpfPs.Probes.TypeDescription', 'EbpfPs.Probes.TypeMember', 'EbpfPs.Events.TraceMessage'
        @($brought | Where-Object { $_ -notin $seen -and $_.Split(' ')[0] -notin $elsewhere } | Sort-Object -Unique) | Should -BeNullOrEmpty
        @($seen | Where-Object { $_ -notin $brought }) | Should -BeNullOrEmpty -Because 'a view that is gone needs no test'
    }
}
