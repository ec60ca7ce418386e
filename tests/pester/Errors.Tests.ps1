# What the system refuses: no privilege, no BTF, no library, no whole module. Each in a pwsh of its own, for every command
# that loads something. What the commands themselves refuse is in their own files.

BeforeDiscovery {
    # Another user must be able to run this pwsh: one that root installed in its home folder can't be reached.
    $pwsh = (Get-Process -Id $PID).Path
    $reachable = (setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp $pwsh -NoProfile -NonInteractive -Command "'yes'" 2>$null) -eq 'yes'
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # The errors that commands write in another pwsh, one by one, and what they leave in the kernel.
    function Get-ErrorElsewhere([string] $Command, [string[]] $Launcher = @(), [string] $Module = $modulePath) {
        Invoke-OtherPwsh -Launcher $Launcher -Module $Module -Script @"
            `$Error.Clear()
            `$output = try { @($Command) } catch { @() }
            [pscustomobject]@{
                Output = `$output.Count
                Errors = @(`$Error | ForEach-Object {
                    [pscustomobject]@{
                        Id = `$_.FullyQualifiedErrorId
                        Category = "`$(`$_.CategoryInfo.Category)"
                        Target = "`$(`$_.TargetObject)"
                        Message = "`$_"
                        Action = `$_.ErrorDetails.RecommendedAction
                        Type = `$_.Exception.GetType().FullName
                        ErrnoName = `$_.Exception.ErrnoName
                    }
                })
                Held = @([IO.Directory]::GetFiles('/proc/self/fdinfo') | ForEach-Object { try { [IO.File]::ReadAllLines(`$_) } catch [IO.IOException] { @() <# closed meanwhile #> } } | Where-Object { `$_ -match '^(prog|map|link)_id:' })
                Sessions = @(Get-EbpfProbe).Count
            }
"@
    }

    function Copy-Module([string] $To) {
        $folder = Join-Path $TestDrive ($To + (New-Guid))
        $null = New-Item -ItemType Directory $folder
        Copy-Item -Recurse $modulePath $folder/EbpfPs
        "$folder/EbpfPs"
    }

    # One error, and nothing else: no output, nothing in the kernel.
    function Assert-OneError($Result, [string] $Id, [string] $Category, [string] $Message, [string] $Action) {
        @($Result.Errors).Count | Should -Be 1 -Because "one error is due, and not: $(@($Result.Errors).Message -join ' | ')"
        $Result.Output | Should -Be 0
        $Result.Errors[0].Id | Should -Be $Id
        $Result.Errors[0].Category | Should -Be $Category
        $Result.Errors[0].Message | Should -Match $Message
        $Result.Errors[0].Action | Should -Match $Action
        $Result.Errors[0].Type | Should -Be EbpfPs.EbpfException
        $Result.Held | Should -BeNullOrEmpty
        $Result.Sessions | Should -Be 0
    }
}

Describe 'What the system refuses to <Command>' -ForEach @(
    @{ Command = 'Watch-EbpfTrace exec -Duration 1'; Class = 'WatchEbpfTraceCommand' }
    @{ Command = 'Start-EbpfProbe open'; Class = 'StartEbpfProbeCommand' }
) {
    It 'root without capabilities' {
        $result = Get-ErrorElsewhere $Command -Launcher setpriv, '--inh-caps=-all', '--bounding-set=-all'
        Assert-OneError $result "EbpfPs.PermissionDenied,EbpfPs.Cmdlets.$Class" PermissionDenied 'CAP_BPF|CAP_PERFMON|CAP_SYS_ADMIN' 'root.*capabilities'
        $result.Errors[0].ErrnoName | Should -Be EPERM
    }

    It 'a user who is not root' -Skip:(-not $reachable) {
        # The repository may lie where only root can read it.
        $copy = Copy-Module readable
        chmod -R a+rX $TestDrive
        $result = Get-ErrorElsewhere $Command -Module $copy -Launcher setpriv, '--reuid=65534', '--regid=65534', '--clear-groups', env, HOME=/tmp
        Assert-OneError $result "EbpfPs.PermissionDenied,EbpfPs.Cmdlets.$Class" PermissionDenied 'EPERM.*lacks CAP_BPF and CAP_PERFMON' 'as root \(sudo pwsh\)'
    }

    It 'a system where EBPFPS_LIBBPF names no library' {
        $result = Get-ErrorElsewhere $Command -Launcher env, 'EBPFPS_LIBBPF=/no/such/libbpf.so'
        Assert-OneError $result "EbpfPs.LibraryMissing,EbpfPs.Cmdlets.$Class" NotInstalled "/no/such/libbpf.so.*EBPFPS_LIBBPF" 'apt install libbpf1.*unset EBPFPS_LIBBPF'
        $result.Errors[0].Target | Should -Be /no/such/libbpf.so
    }

    It 'a file in EBPFPS_LIBBPF that is no library' {
        $result = Get-ErrorElsewhere $Command -Launcher env, 'EBPFPS_LIBBPF=/etc/passwd'
        Assert-OneError $result "EbpfPs.LibraryMissing,EbpfPs.Cmdlets.$Class" NotInstalled '/etc/passwd' 'apt install libbpf1'
    }

    It 'a kernel without BTF' {
        $empty = Join-Path $TestDrive empty
        $null = [IO.Directory]::CreateDirectory($empty)
        $result = Get-ErrorElsewhere $Command -Launcher unshare, -m, sh, -c, "mount --bind $empty /sys/kernel/btf && exec `"`$@`"", sh
        Assert-OneError $result "EbpfPs.NotSupported,EbpfPs.Cmdlets.$Class" NotImplemented 'BTF' 'CONFIG_DEBUG_INFO_BTF'
    }

    It 'a module whose eBPF objects are missing' {
        $copy = Copy-Module partial
        Remove-Item -Recurse "$copy/bpf"
        $result = Get-ErrorElsewhere $Command -Module $copy
        Assert-OneError $result "EbpfPs.InvalidObject,EbpfPs.Cmdlets.$Class" InvalidData "can't be read from" 'build or copy it again'
        $result.Errors[0].Target | Should -BeLike '*.bpf.o'
    }

    It 'an eBPF object that is damaged' {
        $copy = Copy-Module damaged
        foreach ($file in Get-ChildItem -Recurse "$copy/bpf" -File) {
            [IO.File]::WriteAllBytes($file.FullName, [byte[]]::new(1000))
        }

        $result = Get-ErrorElsewhere $Command -Module $copy
        @($result.Errors).Count | Should -Be 1
        $result.Errors[0].Id | Should -BeIn "EbpfPs.InvalidObject,EbpfPs.Cmdlets.$Class", "EbpfPs.OperationFailed,EbpfPs.Cmdlets.$Class"
        $result.Errors[0].Type | Should -Be EbpfPs.EbpfException
        $result.Held | Should -BeNullOrEmpty
    }

    It 'a process that may open no more files' {
        # As many as pwsh itself needs, once it has run a program, and a few more. What is left is counted under the old
        # limit again; a shell that waits for a word raises it, since nothing can be started then. The first word is for
        # what .NET loads to send one.
        $result = Get-ErrorElsewhere @"
            & {
                `$start = [Diagnostics.ProcessStartInfo]::new('/bin/sh', [string[]]('-c', 'read ready; read go; prlimit --pid `$PPID --nofile=1024:'))
                `$start.RedirectStandardInput = `$true
                `$raise = [Diagnostics.Process]::Start(`$start)
                `$words = `$raise.StandardInput
                `$words.WriteLine('ready')
                `$open = @([IO.Directory]::GetFileSystemEntries('/proc/self/fd')).Count
                prlimit --pid `$PID --nofile=`$(`$open + 8):
                try { $Command } finally {
                    `$words.WriteLine('go')
                    `$raise.WaitForExit()
                }
            }
"@
        @($result.Errors).Count | Should -Be 1
        $result.Errors[0].Type | Should -Be EbpfPs.EbpfException
        $result.Errors[0].Id | Should -Be "EbpfPs.OutOfResources,EbpfPs.Cmdlets.$Class"
        $result.Errors[0].Category | Should -Be ResourceUnavailable
        $result.Held | Should -BeNullOrEmpty
    }
}

Describe 'What is refused does not stay refused' {
    It 'a library that is missing is looked for again' {
        $result = Invoke-OtherPwsh @'
            $env:EBPFPS_LIBBPF = '/no/such/libbpf.so'
            $first = try { Start-EbpfProbe exit } catch { $_.FullyQualifiedErrorId }
            $env:EBPFPS_LIBBPF = ''
            $session = Start-EbpfProbe exit
            [pscustomobject]@{ First = "$first"; Second = $session.Name; Loss = ($session | Stop-EbpfProbe).Name }
'@
        $result.First | Should -Be 'EbpfPs.LibraryMissing,EbpfPs.Cmdlets.StartEbpfProbeCommand'
        $result.Second | Should -Be exit
        $result.Loss | Should -Be exit
    }
}

Describe 'The error records themselves' {
    It 'keep the engine''s exception: its id, hint and target' {
        $problem = Get-TheError { Start-EbpfProbe exce }
        $problem.Exception | Should -BeOfType EbpfPs.EbpfException
        $problem.Exception.Id | Should -Be NotFound
        $problem.Exception.Hint | Should -Be $problem.ErrorDetails.RecommendedAction
        $problem.Exception.Target | Should -Be exce
        $problem.CategoryInfo.Activity | Should -Be Start-EbpfProbe
    }

    It 'end a script with -ErrorAction Stop, and can be caught by type' {
        $caught = try { Start-EbpfProbe exce -ErrorAction Stop } catch [EbpfPs.EbpfException] { 'caught' }
        $caught | Should -Be caught
    }
}
