# The filters of Start-EbpfProbe and Watch-EbpfTrace: whose events come. Every one is decided in the kernel, so each
# test runs what must come and what must not, and looks at what came.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Filters of <_>' -ForEach 'Start', 'Watch' {
    BeforeAll { $how = $_ }
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    Context '-ProcessName' {
        BeforeAll {
            $apple = New-Tool pst-apple
            $banana = New-Tool pst-banana
            $other = New-Tool other-apple
            function Get-NameOf([string[]] $ProcessName) {
                $events = Get-EventOf -How $how -Parameter @{ Name = 'exec'; ProcessName = $ProcessName } {
                    & $apple
                    & $banana
                    & $other
                }
                (@($events).ProcessName | Sort-Object) -join ' '
            }
        }

        It 'takes <Pattern> for <Expected>' -ForEach @(
            @{ Pattern = 'pst-apple'; Expected = 'pst-apple' }
            @{ Pattern = 'PST-Apple'; Expected = 'pst-apple' }
            @{ Pattern = 'pst-*'; Expected = 'pst-apple pst-banana' }
            @{ Pattern = '*-APPLE'; Expected = 'other-apple pst-apple' }
            @{ Pattern = 'pst-?????'; Expected = 'pst-apple' }
            @{ Pattern = 'pst-[a-c]*'; Expected = 'pst-apple pst-banana' }
            @{ Pattern = 'pst-[b]*'; Expected = 'pst-banana' }
            @{ Pattern = 'pst-banana', 'other-apple'; Expected = 'other-apple pst-banana' }
        ) {
            Get-NameOf $Pattern | Should -Be $Expected
        }
    }

    It '-ProcessName cuts a plain name at the 15 bytes that the kernel keeps' {
        $long = New-Tool a-name-of-more-than-15-bytes
        $events = @(Get-EventOf -How $how -Parameter @{ Name = 'exec'; ProcessName = 'a-name-of-more-than-15-bytes' } { & $long })
        $events.FileName | Should -Be $long
        $events.ProcessName | Should -Be 'a-name-of-more-'
    }

    It '-ProcessId takes the events of that process alone' {
        $wanted = Start-GatedShell pst-wanted ': </dev/null'
        $other = Start-GatedShell pst-other ': </dev/null'
        $wantedId = $wanted.Id
        $events = @(Get-EventOf -How $how -Parameter @{ Name = 'open'; ProcessId = $wantedId } {
                Complete-GatedShell $other
                Complete-GatedShell $wanted
            })
        @($events.ProcessId | Select-Object -Unique) | Should -Be $wantedId
        @($events | Where-Object FileName -EQ /dev/null).Count | Should -Be 1
    }

    It '-ProcessId takes several' {
        $shells = 1..3 | ForEach-Object { Start-GatedShell "pst-shell$_" ': </dev/null' }
        $wanted = $shells[0].Id, $shells[2].Id
        $events = @(Get-EventOf -How $how -Parameter @{ Name = 'open'; ProcessId = $wanted } {
                $shells | ForEach-Object { Complete-GatedShell $_ }
            })
        @($events | Where-Object FileName -EQ /dev/null).ProcessId | Should -Be $wanted
    }

    It '-UserId takes the events of that user alone' {
        $tool = New-Tool pst-user
        $events = @(Get-EventOf -How $how -Parameter @{ Name = 'exec'; UserId = 65533; ProcessName = 'pst-*' } {
                & $tool
                setpriv --reuid=65533 --clear-groups $tool
                setpriv --reuid=65534 --clear-groups $tool
            })
        $events.Count | Should -Be 1
        $events[0].UserId | Should -Be 65533
        $events[0].UserName | Should -Be '65533' -Because 'a user without a name has a number'
    }

    It '-UserName takes the events of that user, and goes with -UserId' {
        $tool = New-Tool pst-user
        $events = @(Get-EventOf -How $how -Parameter @{ Name = 'exec'; UserId = 65533; UserName = 'nobody'; ProcessName = 'pst-*' } {
                & $tool
                setpriv --reuid=65533 --clear-groups $tool
                setpriv --reuid=65534 --clear-groups $tool
            })
        $events.UserName | Should -Be '65533', 'nobody'
    }

    It 'filters must all agree' {
        $one = New-Tool pst-one
        $two = New-Tool pst-two
        $events = @(Get-EventOf -How $how -Parameter @{ Name = 'exec'; UserName = 'nobody'; ProcessName = 'pst-one' } {
                & $one
                & $two
                setpriv --reuid=65534 --clear-groups $two
                setpriv --reuid=65534 --clear-groups $one
            })
        $events.Count | Should -Be 1
        $events[0].FileName | Should -Be $one
        $events[0].UserName | Should -Be nobody
    }

    Context '-CgroupPath' -Skip:(-not (Select-String -Quiet -Path /proc/self/mountinfo -Pattern ' - cgroup2 ')) {
        BeforeAll {
            $mount = Get-CgroupMount
            $group = "$mount/ebpfps-pester-$PID"
            [IO.Directory]::CreateDirectory("$group/below") | Out-Null
            [IO.Directory]::CreateDirectory("$group-beside") | Out-Null
            function Start-ShellIn([string] $Folder, [string] $Name) {
                $shell = Start-GatedShell $Name ': </dev/null'
                [IO.File]::WriteAllText("$Folder/cgroup.procs", "$($shell.Id)")
                $shell
            }
        }
        AfterAll {
            foreach ($folder in "$group/below", $group, "$group-beside") {
                # The kernel lets go of a cgroup a moment after its last process has ended.
                Wait-Until -For "$folder to be empty" {
                    try { [IO.Directory]::Delete($folder); $true } catch [IO.IOException] { $false }
                }
            }
        }

        It 'takes a cgroup and what is below it, by <Form>' -ForEach @(
            @{ Form = 'the path in the hierarchy' }
            @{ Form = 'the full path' }
            @{ Form = 'a path with a slash behind it' }
        ) {
            $path = switch ($Form) {
                'the path in the hierarchy' { "/ebpfps-pester-$PID" }
                'the full path' { $group }
                'a path with a slash behind it' { "$group/" }
            }
            $within = Start-ShellIn $group pst-within
            $below = Start-ShellIn "$group/below" pst-below
            $beside = Start-ShellIn "$group-beside" pst-beside
            $events = @(Get-EventOf -How $how -Parameter @{ Name = 'open'; CgroupPath = $path } {
                    $beside, $within, $below | ForEach-Object { Complete-GatedShell $_ }
                })
            @($events | Where-Object FileName -EQ /dev/null).ProcessName | Should -Be pst-within, pst-below
            @($events.ProcessName | Sort-Object -Unique) | Should -Be pst-below, pst-within
        }

        It 'takes several' {
            $below = Start-ShellIn "$group/below" pst-below
            $beside = Start-ShellIn "$group-beside" pst-beside
            $within = Start-ShellIn $group pst-within
            $events = @(Get-EventOf -How $how -Parameter @{ Name = 'open'; CgroupPath = "$group/below", "$group-beside" } {
                    $within, $below, $beside | ForEach-Object { Complete-GatedShell $_ }
                })
            @($events | Where-Object FileName -EQ /dev/null).ProcessName | Should -Be pst-below, pst-beside
        }
    }

    It '-IncludeChild takes what the chosen process starts, and its children''s children' {
        $tool = New-Tool pst-leaf
        $shell = Start-GatedShell pst-parent "$tool; ($tool; $tool); sh -c '$tool; :'"
        $parentId = $shell.Id
        $parameter = @{ Name = 'exec'; ProcessId = $parentId }
        $events = @(Get-EventOf -How $how -Parameter ($parameter + @{ IncludeChild = $true }) {
                & $tool
                Complete-GatedShell $shell
            })
        @($events | Where-Object ProcessName -EQ pst-leaf).Count | Should -Be 4
        $events.ParentProcessName | Should -Not -Contain pwsh
    }

    It 'without -IncludeChild what the chosen process starts stays out' {
        $tool = New-Tool pst-leaf
        $shell = Start-GatedShell pst-parent "$tool; ($tool; $tool)"
        $parameter = @{ Name = 'exec'; ProcessId = $shell.Id }
        Get-EventOf -How $how -Parameter $parameter { Complete-GatedShell $shell } | Should -BeNullOrEmpty
    }

    It '-IncludeSelf takes this pwsh too, which is left out otherwise' {
        $file = Join-Path $TestDrive 'opened-by-pwsh'
        Set-Content $file x
        $open = { [IO.File]::OpenRead($file).Dispose() }
        $parameter = @{ Name = 'open'; ProcessId = $PID }
        Get-EventOf -How $how -Parameter $parameter $open | Should -BeNullOrEmpty
        $events = @(Get-EventOf -How $how -Parameter ($parameter + @{ IncludeSelf = $true }) $open)
        $mine = @($events | Where-Object FileName -EQ $file)
        $mine.Count | Should -Be 1
        $mine[0].ProcessId | Should -Be $PID
    }

    It '-MinimumDuration leaves out quicker calls, given as <_>' -ForEach '200ms', 0.2, '200000us', ([timespan]::FromSeconds(0.2)) {
        # To open a FIFO for reading is to wait for a writer.
        $fifo = Join-Path $TestDrive "slow-$(Get-Random)"
        mkfifo $fifo
        $shell = Start-GatedShell pst-slow ": </dev/null; : <'$fifo'; : </dev/null"
        $events = @(Get-EventOf -How $how -Parameter @{ Name = 'open'; ProcessName = 'pst-slow'; MinimumDuration = $_ } {
                $shell.StandardInput.WriteLine('go')

                # proc_pid_syscall(5): open, or openat of x86-64 or of arm64; 'running' while it does not wait.
                Wait-Until -For 'the open to wait' { (Get-Content "/proc/$($shell.Id)/syscall") -match '^(2|257|56) ' }
                Start-Sleep -Milliseconds 250
                [IO.File]::OpenWrite($fifo).Dispose()
                $shell.WaitForExit()
            })
        $shell.Dispose()
        $events.FileName | Should -Be $fifo
        $events[0].Duration | Should -BeGreaterOrEqual ([timespan]::FromMilliseconds(200))
        $events[0].DurationNs | Should -BeGreaterOrEqual 200000000
    }

    It '-MaxArgumentLength cuts the arguments and says so' {
        $tool = New-Tool pst-cut
        $parameter = @{ Name = 'exec'; ProcessName = 'pst-cut' }
        $run = { & $tool first second third }
        $cut = @(Get-EventOf -How $how -Parameter ($parameter + @{ MaxArgumentLength = $tool.Length + 5 }) $run)
        $cut[0].Truncated | Should -BeTrue
        $cut[0].ArgumentList | Should -Be $tool, 'firs'
        $cut[0].ArgumentLength | Should -Be ($tool.Length + 20)
        $whole = @(Get-EventOf -How $how -Parameter ($parameter + @{ MaxArgumentLength = $tool.Length + 20 }) $run)
        $whole[0].Truncated | Should -BeFalse
        $whole[0].ArgumentList | Should -Be $tool, first, second, third
    }

    It '-BufferSize takes <Text>' -ForEach @(
        @{ Text = '4KB'; Size = 4KB }
        @{ Text = '64KB'; Size = 64KB }
        @{ Text = '128MB'; Size = 128MB }
    ) {
        $tool = New-Tool pst-buffer
        $parameter = @{ Name = 'exec'; ProcessName = 'pst-buffer'; BufferSize = $Size }
        @(Get-EventOf -How $how -Parameter $parameter { & $tool }).FileName | Should -Be $tool
    }
}
