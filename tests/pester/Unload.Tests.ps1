# What ends with the module, with a runspace, or with pwsh itself: nothing may be left in the kernel.

BeforeDiscovery {
    $bpftool = [bool](Get-Command bpftool -CommandType Application -ErrorAction Ignore)
}

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'The end of the module, a runspace or a process' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'Remove-Module stops sessions and leaves nothing' {
        $result = Invoke-OtherPwsh @'
            Start-EbpfProbe exec, open | Out-Null
            $session = Start-EbpfProbe exit
            function Get-Held { @([IO.Directory]::GetFiles('/proc/self/fdinfo') | ForEach-Object { try { [IO.File]::ReadAllLines($_) } catch { } } | Where-Object { $_ -match '^(prog|map|link)_id:' }).Count }
            $before = Get-Held
            Remove-Module EbpfPs
            [pscustomobject]@{ Before = $before; After = Get-Held; State = "$($session.State)" }
'@
        $result.Before | Should -BeGreaterThan 0
        $result.After | Should -Be 0
        $result.State | Should -Be Stopped
    }

    It 'Remove-Module and Import-Module again: everything works as before' {
        $result = Invoke-OtherPwsh @'
            $path = (Get-Module EbpfPs).Path
            Start-EbpfProbe exit | Out-Null
            Remove-Module EbpfPs
            Import-Module $path
            $running = @(Get-EbpfProbe).Count
            $session = Start-EbpfProbe exec -ProcessName true
            /bin/true
            $events = @($session | Receive-EbpfEvent)
            $session | Stop-EbpfProbe | Out-Null
            [pscustomobject]@{ Running = $running; Events = $events.Count }
'@
        $result.Running | Should -Be 0
        $result.Events | Should -Be 1
    }

    It 'Import-Module -Force with a session that runs leaves nothing' {
        $result = Invoke-OtherPwsh @'
            $session = Start-EbpfProbe exit
            Import-Module (Get-Module EbpfPs).Path -Force
            [pscustomobject]@{ State = "$($session.State)"; Running = @(Get-EbpfProbe).Count }
'@
        $result.State | Should -Be Stopped
        $result.Running | Should -Be 0
    }

    It 'Remove-Module in one runspace leaves the sessions of another' {
        $mine = Start-EbpfProbe exit
        $pipeline = Start-Pipeline -Sessions 1 { Start-EbpfProbe connect | Out-Null; Remove-Module EbpfPs }
        $result = Complete-Pipeline $pipeline
        $result.Error | Should -BeNullOrEmpty
        $pipeline.Sessions[0].State | Should -Be Stopped
        $mine.State | Should -Be Running
        Stop-EbpfProbe $mine | Out-Null
    }

    It 'the end of pwsh leaves nothing: <How>' -Skip:(-not $bpftool) -ForEach @(
        @{ How = 'exit'; Last = 'exit 0' }
        @{ How = 'an error'; Last = 'throw 1' }
        @{ How = 'SIGKILL'; Last = 'kill -KILL $PID' }
        @{ How = 'SIGTERM'; Last = 'kill -TERM $PID; Start-Sleep 60' }
    ) {
        $file = Join-Path $TestDrive "held-$(New-Guid)"
        $script = @"
            Import-Module '$modulePath'
            Start-EbpfProbe exec, open, exit | Out-Null
            Select-String -Path /proc/self/fdinfo/* -Pattern '^prog_id:\s*(\d+)' -ErrorAction Ignore | ForEach-Object { `$_.Matches[0].Groups[1].Value } | Set-Content '$file'
            $Last
"@
        & $pwshPath -NoProfile -NonInteractive -EncodedCommand ([Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($script))) *> $null
        $held = @(Get-Content $file)
        $held.Count | Should -BeGreaterThan 3

        # A program is freed after an RCU grace period.
        Wait-Until -For 'the programs to be freed' {
            $there = @(bpftool prog list -j | ConvertFrom-Json | ForEach-Object id)
            -not ($held | Where-Object { [int]$_ -in $there })
        }
    }
}
