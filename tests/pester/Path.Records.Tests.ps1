# Records that are hard to show: tests/objects/hostile.bpf.c, in a real pwsh.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $object = Join-Path $repoRoot tests kernel bin Release net8.0 objects hostile.bpf.o
    Add-Type -Namespace RecordTests -Name Native -MemberDefinition '[System.Runtime.InteropServices.DllImport("libc")] public static extern int getppid();'

    function Get-Hostile([hashtable] $Variable = @{}) {
        $session = Start-EbpfProbe -Path $object -Variable ($Variable + @{ traced_pid = $PID }) -As @{ when = 'BootTime'; port = 'Port' }
        [void][RecordTests.Native]::getppid()
        $record, $warning = @($session | Receive-EbpfEvent 3>&1).Where({ $_ -is [EbpfPs.Events.EbpfRecord] }, 'Split')
        [pscustomobject]@{ Record = $record; Warning = $warning; Loss = $session | Stop-EbpfProbe -WarningAction Ignore }
    }
    $record = (Get-Hostile).Record[0]
}

Describe 'A record with members that are hard to show' {
    It 'has the values that the program wrote' {
        $expected = [ordered]@{
            Count = 1; Length = 2; ToString_ = 3; GetType_ = 4; Equals_ = 5; Values = 6; PSTypeNames_ = 7; PSObject_ = 8
            class = 9; string = 10; foreach = 11; 'tight.one' = 1; 'tight.two' = 0x02030405; 'tight.three' = 3
            first = 0x55; second = 0x2aaaa; third = 0x2123456789abc; below = -200; yes = $true
            wide = [bigint]::Pow(2, 99) + 1; crossing = [bigint]-3; deep = 0x01020304; beside = 5; whole = 0x501020304
            port = 80; next = [ulong]::MaxValue; call = 16; half = 0.5; 'outer.x' = -1; tail = 'twelve chars'
        }
        foreach ($name in $expected.Keys) {
            $record.$name | Should -Be $expected[$name] -Because $name
        }
        $record.bytes | Should -Be 0, -2, 0, 97
        $record.names | Should -BeExactly '', 'second', 'eight ch'
        $record.flags | Should -Be $false, $true, $false
        $record.nothing.Count | Should -Be 0
        $record.parts | Should -Be 4, 3, 2, 1
        $record.'outer.pairs'[1].letter | Should -Be ([sbyte][char]'p')
        $record.'outer.pairs'[1].number | Should -Be -9
    }

    It 'has enumerations with their sign, however many bytes they have' {
        "$($record.few) $($record.tiny) $($record.negative) $($record.high)" | Should -BeExactly 'LARGE LARGE BELOW LAST'
        [int]$record.tiny | Should -Be 200
        [int]$record.negative | Should -Be -5
        [long]$record.high | Should -Be 0x80000000L
        "$($record.several)" | Should -BeExactly 'ABOVE -1'
        $record.high.GetType().IsDefined([FlagsAttribute], $false) | Should -BeTrue
    }

    It 'keeps names apart that are one to PowerShell, and gives none away that a member has' {
        $record.same, $record.SAME_3, $record.same_2 | Should -Be 12, 13, 14
        $record.whenNs | Should -Be 15
        [DateTimeOffset]::new($record.when).ToUnixTimeMilliseconds() | Should -Be ([long][Math]::Floor($record.whenNs_2 / 1e6))
    }

    It 'has the methods that every object has, and no property is one of note' {
        $record.GetType().FullName | Should -BeExactly EbpfPs.Objects.hostile.hostile
        $record.ToString() | Should -Match '^Count=1, Length=2, ToString_=3, '
        @($record.PSObject.Properties | Where-Object MemberType -NE Property) | Should -BeNullOrEmpty
        $record.PSTypeNames[1] | Should -BeExactly EbpfPs.Probes.ObjectRecord
    }

    It 'goes through CSV and JSON' {
        $csv = @($record, $record | ConvertTo-Csv | ConvertFrom-Csv)
        $csv.Count | Should -Be 2
        $csv[1].PSTypeNames_ | Should -BeExactly 7
        $csv[1].'tight.two' | Should -BeExactly 33752069
        $csv[1].next | Should -BeExactly 18446744073709551615
        $csv[1].wide | Should -BeExactly "$([bigint]::Pow(2, 99) + 1)"
        $csv[1].negative | Should -BeExactly BELOW
        $json = $record | ConvertTo-Json -Depth 3 -EnumsAsStrings | ConvertFrom-Json -AsHashtable
        $json.wide | Should -Be ([bigint]::Pow(2, 99) + 1)
        $json.several | Should -BeExactly ABOVE, -1
        $json.'outer.pairs'[1].number | Should -Be -9
    }

    It 'can be filtered, grouped, shown in a table and completed' {
        @($record, $record | Where-Object Count -EQ 1).Count | Should -Be 2
        @($record | Where-Object GetType_ -EQ 4).Count | Should -Be 1
        ($record, $record | Group-Object tiny).Name | Should -BeExactly LARGE
        @($record | Format-Table Count, same, SAME_3, tight.two, tail | Get-Line)[2] | Should -Match '^ *1 +12 +13 +33752069 twelve chars$'
        @($record | Get-Line -Width 100) -match '^wide +: 633825300114114700748351602689$' | Should -HaveCount 1
        (Get-Completion '$record.t').CompletionText | Should -Contain "'tight.two'"
    }
}

Describe 'A record of another length than its struct' {
    It 'may end within the array at its end' {
        $short = Get-Hostile @{ tail_length = 5 }
        $short.Record.tail | Should -BeExactly twelv
        $short.Record.half | Should -Be 0.5
        $short.Loss.Undecoded | Should -Be 0
        (Get-Hostile @{ tail_length = 0 }).Record.tail | Should -BeExactly ''
    }

    It 'may go on behind its struct' {
        (Get-Hostile @{ tail_length = 30 }).Record.tail | Should -BeExactly 'twelve chars'
    }

    It 'may not end before: that is counted, and the warning names -EventType' {
        $cut = Get-Hostile @{ tail_length = -1 }
        $cut.Record | Should -BeNullOrEmpty
        "$($cut.Warning)" | Should -Match 'Undecoded 1.*-EventType'
        $cut.Loss.Undecoded | Should -Be 1
    }
}

Describe 'What is said of an object' {
    It 'drives no terminal, whatever names the object has' {
        $bytes = [IO.File]::ReadAllBytes((Join-Path (Split-Path $object) printing.bpf.o))
        $text = [Text.Encoding]::Latin1.GetString($bytes).Replace("prints`0", "p`e[2Js`0")
        $path = Join-Path $TestDrive driving.bpf.o
        [IO.File]::WriteAllBytes($path, [Text.Encoding]::Latin1.GetBytes($text))
        $problem = Get-TheError { Start-EbpfProbe -Path $path -Program nothing }
        $problem.ErrorDetails.RecommendedAction | Should -BeExactly 'There are: p\e[2Js.'
        $problem = Get-TheError { Start-EbpfProbe -Path "/no/such`e[2J.o" }
        $problem.ToString() | Should -Match "'/no/such\\e\[2J.o' can't be read"
        $problem.ToString() | Should -Not -Match "`e"
    }
}
