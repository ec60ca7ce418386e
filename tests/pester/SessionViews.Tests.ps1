# What is shown of sessions, of their account and of the catalogue: each view's header and a row of it, exactly.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'
}

AfterAll { $PSStyle.OutputRendering = $rendering }

Describe 'The views of sessions' {
    BeforeAll {
        $tool = New-Tool pst-session
        $session = Start-EbpfProbe exec -ProcessName pst-session -BufferSize 64KB
        & $tool
    }
    AfterAll { Get-EbpfProbe | Stop-EbpfProbe | Out-Null }

    It 'a session is a row' {
        $lines = @($session | Get-Line)
        $lines.Count | Should -Be 3
        $lines[0] | Should -BeExactly '  Id Name             State    Started   Buffer   Produced    Unread     Lost'
        $lines[2] | Should -BeExactly ('{0,4} exec             Running  {1:HH:mm:ss}    64KB          1         1        0' -f $session.Id, $session.StartTime)
    }

    It 'a session is narrower on demand' {
        $lines = @($session | Format-Table -View Narrow | Get-Line -Width 50)
        $lines.Count | Should -Be 3
        $lines[2] | Should -Match "^ *$($session.Id) exec +Running "
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 50
    }

    It 'a session''s list tells mechanism and hooks' {
        $text = ($session | Format-List | Get-Line -Width 300) -join "`n"
        $text | Should -Match '(?m)^Mechanism +: exec: (raw )?tracepoint$'
        $text | Should -Match '(?m)^Hooks +: .*sched_process_exec'
        $text | Should -Match '(?m)^BufferSize +: 64KB$'
    }

    It 'an account is a row' {
        $lines = @($session.Loss | Get-Line)
        $lines.Count | Should -Be 3
        $lines[0] | Should -BeExactly 'Name          Elapsed   Produced  Delivered   Unread RingFull MapFull  Missed'
        $lines[2] | Should -Match '^exec +[\d.]+(ms|s|m\d\ds) +1          0        1        0       0 +\d+$'
    }

    It 'an account has a narrow view and a list' {
        $lines = @($session.Loss | Format-Table -View Narrow | Get-Line -Width 78)
        $lines.Count | Should -Be 3
        $text = ($session.Loss | Format-List | Get-Line) -join "`n"
        foreach ($name in 'Name', 'Elapsed', 'Produced', 'Delivered', 'Unread', 'RingFull', 'MapFull', 'Missed', 'Undecoded', 'Truncated') {
            $text | Should -Match "(?m)^$name +:"
        }
    }

    It 'the catalogue is a table, a narrow table and a list' {
        $probe = Get-EbpfProbe -ListAvailable open
        $lines = @($probe | Get-Line -Width 200)
        $lines[0] | Should -BeExactly 'Name     EventType    Mechanism      Description'
        $lines[2] | Should -Match '^open     OpenEvent    (raw )?tracepoint +Files that are opened'
        @($probe | Format-Table -View Narrow | Get-Line -Width 60)[2] | Should -Match '^open '
        ($probe | Format-List | Get-Line -Width 200) -join "`n" | Should -Match '(?m)^Limitation +: .*io_uring'
    }
}
