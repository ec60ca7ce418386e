# The probe open at the prompt. Every call and every odd name is in tests/kernel.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Probe open' {
    BeforeAll {
        # Events of what a shell does behind its gate.
        function Get-OpenEvent([string] $Script, [hashtable] $Parameter = @{}) {
            $shell = Start-GatedShell pst-open $Script
            Set-Variable -Name openerId -Scope Script -Value $shell.Id
            @(Get-EventOf -How Start -Parameter (@{ Name = 'open'; ProcessId = $shell.Id } + $Parameter) { Complete-GatedShell $shell })
        }
    }
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'has every property of a file that was opened' {
        $file = Join-Path $TestDrive 'open me'
        $before = [datetime]::Now
        $event = @(Get-OpenEvent ": >'$file'" | Where-Object FileName -EQ $file)
        $event.Count | Should -Be 1
        $event = $event[0]
        $event | Should -BeOfType EbpfPs.Events.OpenEvent
        $event.Probe | Should -Be open
        $event.DirectoryDescriptor | Should -Be -100
        $event.Flags | Should -BeOfType EbpfPs.Events.OpenFlags
        "$($event.Flags)" | Should -Be 'O_WRONLY, O_CREAT, O_TRUNC'
        $event.Flags.HasFlag([EbpfPs.Events.OpenFlags]::O_CREAT) | Should -BeTrue
        $event.Mode | Should -BeOfType System.IO.UnixFileMode
        [int]$event.Mode | Should -Be ([Convert]::ToInt32('666', 8))
        $event.FileDescriptor | Should -BeGreaterOrEqual 3
        $event.ErrorNumber | Should -Be 0
        $event.ErrorName | Should -BeExactly ''
        $event.Truncated | Should -BeFalse
        $event.Duration | Should -BeOfType timespan
        $event.DurationNs | Should -BeOfType long
        $event.DurationNs | Should -BeGreaterThan 0
        $event.Duration.Ticks | Should -Be ([Math]::Floor($event.DurationNs / 100))
        $event.ProcessId | Should -Be $openerId
        $event.ProcessName | Should -Be pst-open
        $event.ParentProcessId | Should -Be $PID
        $event.UserName | Should -Be root
        $event.Time | Should -BeGreaterOrEqual $before
        $event.Time | Should -BeLessOrEqual ([datetime]::Now)
    }

    It 'shows a failed open with <Name>' -ForEach @(
        @{ Name = 'ENOENT'; Number = 2; File = '/no/such/file' }
        @{ Name = 'EISDIR'; Number = 21; File = '/tmp'; Write = $true }
        @{ Name = 'ENOTDIR'; Number = 20; File = '/dev/null/x' }
    ) {
        $redirection = $_['Write'] ? '>' : '<'
        $event = @(Get-OpenEvent ": $redirection$File" | Where-Object FileName -EQ $File)
        $event.Count | Should -Be 1
        $event[0].ErrorName | Should -Be $Name
        $event[0].ErrorNumber | Should -Be $Number
        $event[0].FileDescriptor | Should -Be -1
    }

    It 'shows who was refused' {
        $secret = Join-Path $TestDrive secret
        Set-Content $secret x
        chmod 600 $secret
        $cat = New-Tool pst-cat /bin/cat
        $events = @(Get-EventOf -How Start -Parameter @{ Name = 'open'; UserName = 'nobody'; ProcessName = 'pst-cat' } {
                setpriv --reuid=65534 --regid=65534 --clear-groups $cat $secret 2>$null
            })
        $event = @($events | Where-Object FileName -EQ $secret)
        $event.Count | Should -Be 1
        $event[0].ErrorName | Should -Be EACCES
        $event[0].UserName | Should -Be nobody
        $event[0].GroupId | Should -Be 65534
    }

    It 'keeps relative names as they were passed' {
        $events = @(Get-OpenEvent "cd '$TestDrive'; : >relative; : <./relative")
        @($events.FileName | Where-Object { $_ -like '*relative' }) | Should -Be relative, ./relative
    }

    It 'keeps names of <What> as they are' -ForEach @(
        @{ What = 'control characters'; Printf = 'a\nb\tc\001'; Text = "a`nb`tc$([char]1)" }
        @{ What = 'escape sequences'; Printf = '\033[31mred'; Text = "`e[31mred" }
        @{ What = 'invalid UTF-8'; Printf = '\377\376'; Text = "$([char]0xDCFF)$([char]0xDCFE)" }
        @{ What = 'marks of direction'; Printf = 'x\342\200\256txt'; Text = "x$([char]0x202E)txt" }
        @{ What = 'other scripts'; Printf = '\346\227\245\360\237\220\247'; Text = '日🐧' }
    ) {
        $events = @(Get-OpenEvent "f=`$(printf '/no/$Printf'); : <`"`$f`"")
        @($events | Where-Object { $_.FileName -ceq "/no/$Text" }).Count | Should -Be 1
    }

    It 'reads a name of 4,095 bytes whole' {
        $name = '/no/' + ('x' * 4091)
        $events = @(Get-OpenEvent ": <$name")
        $event = @($events | Where-Object { $_.FileName.Length -gt 1000 })
        $event.Count | Should -Be 1
        $event[0].FileName | Should -BeExactly $name
        $event[0].Truncated | Should -BeFalse
    }

    It 'goes on to Group-Object and Sort-Object' {
        $groups = Get-OpenEvent 'for i in 1 2 3; do : </dev/null; done; : </dev/zero' |
            Where-Object FileName -In /dev/null, /dev/zero |
            Group-Object FileName |
            Sort-Object Count -Descending
        $groups.Name | Should -Be /dev/null, /dev/zero
        @($groups | ForEach-Object Count) | Should -Be 3, 1
    }
}
