# Events that leave the shell and come back: CSV, JSON, CLI XML, jobs. What matters must come back as it was.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # One event of each probe, with a name, arguments and bytes that are hard to carry.
    $tool = New-Tool pst-data
    $connecting = New-Tool pst-conn (Get-Workload connecting)
    $shell = Start-GatedShell pst-shell "$tool 'two words' 'a,b;`"c`"' `"`$(printf 'tab\tline\nnext\377')`" 日本; : <`"/no/`$(printf 'comma,quote\042line\nnext\377')`""
    $session = Start-EbpfProbe exec, open, exit, connect -ProcessName pst-data, pst-conn, pst-shell
    Complete-GatedShell $shell
    & $connecting refused 6 | Out-Null
    $known = @(Receive-EbpfEvent $session)
    $loss = Stop-EbpfProbe $session
    $events = @{
        ExecEvent = @($known | Where-Object { $_.Probe -eq 'exec' -and $_.ProcessName -eq 'pst-data' })
        OpenEvent = @($known | Where-Object { $_.Probe -eq 'open' -and $_.FileName -like '/no/*' })
        ExitEvent = @($known | Where-Object { $_.Probe -eq 'exit' -and $_.ProcessName -eq 'pst-data' })
        ConnectEvent = @($known | Where-Object { $_.Probe -eq 'connect' })
    }
}

Describe '<Type> that is stored' -ForEach @(
    @{ Type = 'ExecEvent'; Own = 'FileName', 'CommandLine', 'ParentProcessName', 'ErrorNumber', 'ErrorName', 'ArgumentLength', 'Truncated' }
    @{ Type = 'OpenEvent'; Own = 'FileName', 'DirectoryDescriptor', 'Flags', 'Mode', 'FileDescriptor', 'ErrorNumber', 'ErrorName', 'DurationNs', 'Truncated' }
    @{ Type = 'ExitEvent'; Own = 'ExitCode', 'Signal', 'SignalName', 'CoreDumped', 'LifetimeNs' }
    @{ Type = 'ConnectEvent'; Own = 'Action', 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'ErrorNumber', 'ErrorName', 'DurationNs', 'BytesSent', 'BytesReceived' }
) {
    BeforeAll {
        $events[$Type].Count | Should -Be 1
        $event = $events[$Type][0]
        $flat = @('TimestampNs', 'Probe', 'ProcessId', 'ThreadId', 'ParentProcessId', 'ProcessName', 'UserId', 'UserName', 'GroupId', 'CgroupId', 'ContainerId', 'Cpu', 'ComputerName') + $Own

        # A byte that is not UTF-8 is half a character in the object. CSV, which is always encoded, can't carry it.
        function Get-Carried([object] $Value) { "$Value".Replace([char]0xDCFF, [char]0xFFFD) }
    }

    It 'in CSV keeps every property that is flat' {
        $file = Join-Path $TestDrive "$Type.csv"
        $event | Export-Csv $file
        $back = @(Import-Csv $file)
        $back.Count | Should -Be 1
        foreach ($name in $flat) {
            $back[0].$name | Should -BeExactly (Get-Carried $event.$name) -Because $name
        }

        [long]$back[0].TimestampNs | Should -Be $event.TimestampNs
    }

    It 'in CSV has a column for each property, and none twice' {
        $columns = @((@($event | ConvertTo-Csv)[0]) -replace '"' -split ',')
        $columns.Count | Should -Be @($columns | Sort-Object -Unique).Count
        foreach ($alias in 'Id', 'Pid', 'Comm', 'Summary', 'LocalIPAddress', 'RemoteIPAddress') {
            $columns | Should -Not -Contain $alias
        }

        foreach ($name in $flat + 'Time') {
            $columns | Should -Contain $name
        }
    }

    It 'in JSON keeps every property that is flat, with its type' {
        $json = $event | ConvertTo-Json -Depth 3
        $back = $json | ConvertFrom-Json
        foreach ($name in $flat) {
            if ($event.$name -is [Enum]) {
                $back.$name | Should -Be ([long]$event.$name) -Because $name
            }
            elseif ($null -eq $event.$name) {
                $back.$name | Should -Be $null -Because $name
            }
            elseif ($event.$name -is [string]) {
                $back.$name | Should -BeOfType string
                $back.$name | Should -BeExactly $event.$name -Because $name
            }
            else {
                $back.$name | Should -Be $event.$name -Because $name
            }
        }

        $back.TimestampNs | Should -BeOfType long
    }

    It 'in JSON keeps enums by name with -EnumsAsStrings' {
        $back = $event | ConvertTo-Json -EnumsAsStrings | ConvertFrom-Json
        foreach ($name in $flat | Where-Object { $event.$_ -is [Enum] }) {
            $back.$name | Should -Be "$($event.$name)"
        }

        $back.ProcessId | Should -Be $event.ProcessId
    }

    It 'in CLI XML keeps every property with its type, bytes that are not UTF-8 too' {
        $file = Join-Path $TestDrive "$Type.xml"
        $event | Export-Clixml $file
        $back = Import-Clixml $file
        foreach ($name in $flat) {
            # Enums come back as their numbers.
            $value = $event.$name -is [Enum] ? [long]$event.$name : $event.$name
            "$($back.$name)" | Should -BeExactly "$value" -Because $name
        }

        $back.TimestampNs | Should -BeOfType long
        $back.Time | Should -BeOfType datetime
        $back.Time | Should -Be $event.Time
        if ($Type -eq 'ExecEvent') {
            $back.ArgumentList | Should -Be $event.ArgumentList
        }

        if ($Type -in 'OpenEvent', 'ConnectEvent') {
            $back.Duration | Should -Be $event.Duration
        }
    }

    It 'goes through Select-Object, Sort-Object and Group-Object as it is' {
        $selected = $event | Select-Object -Property *
        foreach ($name in $flat) {
            $selected.$name | Should -Be $event.$name
        }

        ($event | Sort-Object TimestampNs).ProcessId | Should -Be $event.ProcessId
        ($event | Group-Object Probe).Name | Should -Be $event.Probe
    }
}

Describe 'Names of all kinds that are stored' {
    It 'CommandLine and ArgumentList are whole' {
        $event = $events.ExecEvent[0]
        $expected = $tool, 'two words', 'a,b;"c"', "tab`tline`nnext$([char]0xDCFF)", '日本'
        $event.ArgumentList | Should -Be $expected
        ($event | ConvertTo-Csv | ConvertFrom-Csv).CommandLine | Should -BeExactly $event.CommandLine.Replace([char]0xDCFF, [char]0xFFFD)
        ($event | ConvertTo-Json | ConvertFrom-Json).CommandLine | Should -BeExactly $event.CommandLine
        ($event | ConvertTo-Json -Depth 3 | ConvertFrom-Json).ArgumentList | Should -Be $expected
    }

    It 'FileName is whole' {
        $event = $events.OpenEvent[0]
        $event.FileName | Should -BeExactly "/no/comma,quote`"line`nnext$([char]0xDCFF)"
        ($event | ConvertTo-Csv | ConvertFrom-Csv).FileName | Should -BeExactly $event.FileName.Replace([char]0xDCFF, [char]0xFFFD)
        ($event | ConvertTo-Json | ConvertFrom-Json).FileName | Should -BeExactly $event.FileName
    }

    It 'addresses are strings in all of them' {
        $event = $events.ConnectEvent[0]
        ($event | ConvertTo-Csv | ConvertFrom-Csv).RemoteAddress | Should -BeExactly '::1'
        ($event | ConvertTo-Json | ConvertFrom-Json).RemoteAddress | Should -BeExactly '::1'
    }
}

Describe 'An account that is stored' {
    It 'in <Form> keeps its numbers' -ForEach @(
        @{ Form = 'CSV'; Carry = { $loss | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Form = 'JSON'; Carry = { $loss | ConvertTo-Json | ConvertFrom-Json } }
    ) {
        $back = & $Carry
        foreach ($name in 'Name', 'Produced', 'Delivered', 'RingFull', 'Unread', 'MapFull', 'Missed', 'Truncated', 'Undecoded', 'Lost') {
            "$($back.$name)" | Should -Be "$($loss.$name)" -Because $name
        }
    }

    It 'a session can be written as JSON' {
        $session = Start-EbpfProbe exit
        $back = $session | ConvertTo-Json -WarningAction SilentlyContinue | ConvertFrom-Json
        $back.Id | Should -Be $session.Id
        $back.Name | Should -Be exit
        Stop-EbpfProbe $session | Out-Null
    }
}

Describe 'Events from another process' {
    It 'Start-Job carries them, with everything that matters' {
        $tool = New-Tool pst-fromjob
        $job = Start-Job {
            Import-Module $using:modulePath
            $session = Start-EbpfProbe exec -ProcessName pst-fromjob
            & $using:tool 'two words'
            $session | Receive-EbpfEvent
            $session | Stop-EbpfProbe | Out-Null
        }
        $event = @($job | Wait-Job | Receive-Job)
        Remove-Job $job
        $event.Count | Should -Be 1
        $event[0].pstypenames[0] | Should -Be Deserialized.EbpfPs.Events.ExecEvent
        $event[0].CommandLine | Should -Be "$tool 'two words'"
        $event[0].ArgumentList | Should -Be $tool, 'two words'
        $event[0].TimestampNs | Should -BeOfType long
        $event[0].Time | Should -BeOfType datetime
    }
}
