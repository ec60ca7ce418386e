# What Tab offers, from the machine as it is.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Tab' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    Context 'at an event''s properties' {
        It 'after <Line> offers <Offered>' -ForEach @(
            @{ Line = 'Watch-EbpfTrace exec | Where-Object { $_.'; Offered = 'FileName', 'CommandLine', 'ArgumentList', 'ProcessName', 'UserName', 'ErrorName', 'TimestampNs' }
            @{ Line = 'Watch-EbpfTrace exec | Where-Object File'; Offered = 'FileName' }
            @{ Line = 'Watch-EbpfTrace open | Sort-Object Dur'; Offered = 'Duration', 'DurationNs' }
            @{ Line = 'Start-EbpfProbe exec | Receive-EbpfEvent | ForEach-Object { $_.Fi'; Offered = 'FileName' }
            @{ Line = 'Start-EbpfProbe exec | ForEach-Object { $_.'; Offered = 'Id', 'Name', 'State', 'Loss' }
            @{ Line = 'Stop-EbpfProbe 1 | ForEach-Object { $_.'; Offered = 'Produced', 'RingFull', 'Lost' }
            @{ Line = 'Get-EbpfProbe | Where-Object { $_.'; Offered = 'Id', 'Name', 'State' }
        ) {
            # In a runspace of its own: here $_ has a value, which would be completed instead.
            $result = Complete-Pipeline (Start-Pipeline -Parameter @{ Line = $Line } { param($Line) (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText })
            $texts = $result.Output
            foreach ($property in $Offered) {
                $texts | Should -Contain $property
            }
        }
    }

    Context 'at -Name' {
        It 'offers every probe, with its description: <_>' -ForEach 'Watch-EbpfTrace ', 'Watch-EbpfTrace -Name ', 'Start-EbpfProbe ' {
            $matches = Get-Completion $_
            foreach ($probe in Get-EbpfProbe -ListAvailable) {
                $match = @($matches | Where-Object CompletionText -EQ $probe.Name)
                $match.Count | Should -Be 1
                $match[0].ToolTip | Should -Be $probe.Description
                $match[0].ResultType | Should -Be ParameterValue
            }
        }

        It 'offers what begins as typed, in any case' {
            (Get-Completion 'Watch-EbpfTrace ex').CompletionText | Should -Be exec, exit
            (Get-Completion 'Watch-EbpfTrace EX').CompletionText | Should -Be exec, exit
            (Get-Completion 'Watch-EbpfTrace exec, op').CompletionText | Should -Be open
        }
    }

    It 'at Get-EbpfProbe -ListAvailable offers the catalogue' {
        @((Get-Completion 'Get-EbpfProbe -ListAvailable -Name ').CompletionText | Sort-Object) | Should -Be @((Get-EbpfProbe -ListAvailable).Name | Sort-Object)
    }

    It 'at -ProcessName offers the processes that run, with their numbers' {
        $shell = Start-GatedShell pst-tab ':'
        $match = Get-Completion 'Watch-EbpfTrace open -ProcessName pst-t'
        $id = $shell.Id
        Complete-GatedShell $shell
        $match.CompletionText | Should -Be pst-tab
        $match[0].ToolTip | Should -Match "\b$id\b"
    }

    It 'at -ProcessName quotes and escapes what would mean something else' {
        $shell = Start-GatedShell 'pst *[x]' ':'
        $match = Get-Completion "Watch-EbpfTrace open -ProcessName 'pst "
        Complete-GatedShell $shell
        $match[0].CompletionText | Should -Be "'pst ``*``[x``]'"
    }

    It 'at -ProcessId offers numbers with the command line, by number or by name' {
        $shell = Start-GatedShell pst-tabid ':'
        $id = $shell.Id
        $byName = Get-Completion 'Watch-EbpfTrace open -ProcessId pst-tabid'
        $byNumber = @(Get-Completion "Watch-EbpfTrace open -ProcessId $id" | Where-Object CompletionText -EQ "$id")
        Complete-GatedShell $shell
        $byName.CompletionText | Should -Be "$id"
        $byNumber.Count | Should -Be 1
        $byNumber[0].ListItemText | Should -Match pst-tabid
        $byNumber[0].ToolTip | Should -Match 'pst-tabid -c echo ready'
    }

    It 'at -UserName offers users, with their numbers' {
        $matches = Get-Completion 'Watch-EbpfTrace open -UserName roo'
        $matches.CompletionText | Should -Be root
        $matches[0].ToolTip | Should -Match '\b0\b'
        (Get-Completion 'Watch-EbpfTrace open -UserName ').CompletionText | Should -Contain nobody
    }

    It 'at -CgroupPath offers cgroups, level by level' -Skip:(-not (Select-String -Quiet -Path /proc/self/mountinfo -Pattern ' - cgroup2 ')) {
        $mount = Get-CgroupMount
        $name = "ebpfps-tab-$PID"
        $null = [IO.Directory]::CreateDirectory("$mount/$name/below")
        try {
            (Get-Completion 'Watch-EbpfTrace open -CgroupPath /ebpfps-tab').CompletionText | Should -Be "/$name"
            (Get-Completion 'Watch-EbpfTrace open -CgroupPath ').CompletionText | Should -Contain "/$name"
            (Get-Completion "Watch-EbpfTrace open -CgroupPath /$name/").CompletionText | Should -Be "/$name/below"
            (Get-Completion "Watch-EbpfTrace open -CgroupPath $mount/$name/b").CompletionText | Should -Be "/$name/below"
        }
        finally {
            [IO.Directory]::Delete("$mount/$name/below")
            [IO.Directory]::Delete("$mount/$name")
        }
    }

    It 'at -LossAction offers its values' {
        @((Get-Completion 'Watch-EbpfTrace exec -LossAction ').CompletionText | Sort-Object) | Should -Be Ignore, Stop, Warn
    }

    It 'where nothing fits offers nothing of its own: <_>' -ForEach @(
        'Watch-EbpfTrace open -ProcessName no-such-process-', 'Watch-EbpfTrace open -UserName no-such-user-', 'Watch-EbpfTrace open -CgroupPath /no/such/group/'
    ) {
        @(Get-Completion $_ | Where-Object ResultType -EQ ParameterValue) | Should -BeNullOrEmpty
    }

    It 'is there before a command has run' {
        $result = Invoke-OtherPwsh '(TabExpansion2 "Watch-EbpfTrace ex" 18).CompletionMatches.CompletionText'
        $result | Should -Be exec, exit
    }
}

Describe 'Tab at sessions' {
    BeforeAll {
        $exit = Start-EbpfProbe exit
        $connect = Start-EbpfProbe connect
    }
    AfterAll { $exit, $connect | Stop-EbpfProbe | Out-Null }

    It 'offers numbers, with names and times: <_>' -ForEach 'Stop-EbpfProbe -Id ', 'Receive-EbpfEvent -Id ', 'Get-EbpfProbe -Id ' {
        $matches = Get-Completion $_
        $matches.CompletionText | Should -Be "$($exit.Id)", "$($connect.Id)"
        $matches[0].ToolTip | Should -Match "session $($exit.Id), exit, since $('{0:HH:mm:ss}' -f $exit.StartTime)"
        $matches[1].ListItemText | Should -Match connect
    }

    It 'offers names: <_>' -ForEach 'Stop-EbpfProbe -Name ', 'Receive-EbpfEvent -Name ', 'Get-EbpfProbe ' {
        @((Get-Completion $_).CompletionText | Sort-Object) | Should -Be connect, exit
        (Get-Completion "${_}ex").CompletionText | Should -Be exit
    }
}
