# What ends with the module, with a runspace, or with pwsh itself: nothing may be left in the kernel.

BeforeDiscovery {
    # Not only there: Debian's wrapper of it may have none for this kernel, and a policy may forbid the listing.
    $bpftool = [bool](Get-Command bpftool -CommandType Application -ErrorAction Ignore)
    if ($bpftool) {
        bpftool prog list *> $null
        $bpftool = $LASTEXITCODE -eq 0
    }
}

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'The end of the module, a runspace or a process' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'Remove-Module stops sessions and leaves nothing' {
        $result = Invoke-OtherPwsh @'
            Start-EbpfProbe exec, open | Out-Null
            $session = Start-EbpfProbe exit
            function Get-Held { @([IO.Directory]::GetFiles('/proc/self/fdinfo') | ForEach-Object { try { [IO.File]::ReadAllLines($_) } catch [IO.IOException] { @() <# closed meanwhile #> } } | Where-Object { $_ -match '^(prog|map|link)_id:' }).Count }
            $before = Get-Held
            Remove-Module EbpfPs
            [pscustomobject]@{ Before = $before; After = Get-Held; State = "$($session.State)" }
'@
        $result.Before | Should -BeGreaterThan 0
        $result.After | Should -Be 0
        $result.State | Should -Be Stopped
    }

    It 'Remove-Module and Import-Module again: everything works as before' {
        $tool = New-Tool pst-reimport
        $result = Invoke-OtherPwsh @"
            Start-EbpfProbe exit | Out-Null
            Remove-Module EbpfPs
            `$without = @(Get-FormatData EbpfPs.*).Count
            Import-Module '$modulePath'
            `$running = @(Get-EbpfProbe).Count
            `$session = Start-EbpfProbe exec -ProcessName pst-reimport
            & '$tool'
            `$events = @(`$session | Receive-EbpfEvent)
            `$session | Stop-EbpfProbe | Out-Null
            [pscustomobject]@{ Running = `$running; Events = `$events.Count; Without = `$without; Views = @(Get-FormatData EbpfPs.*).Count; Alias = `$events[0].Comm }
"@
        $result.Without | Should -Be 0
        $result.Views | Should -Be @(Get-FormatData EbpfPs.*).Count -Because 'the views come with the module'
        $result.Alias | Should -Be pst-reimport -Because 'the aliases come with the module'
        $result.Running | Should -Be 0
        $result.Events | Should -Be 1
    }

    It 'Import-Module -Force with a session that runs leaves nothing' {
        $result = Invoke-OtherPwsh @"
            `$session = Start-EbpfProbe exit
            Import-Module '$modulePath' -Force
            [pscustomobject]@{ State = "`$(`$session.State)"; Running = @(Get-EbpfProbe).Count; Views = @(Get-FormatData EbpfPs.*).Count }
"@
        $result.Views | Should -Be @(Get-FormatData EbpfPs.*).Count
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
            $list = bpftool prog list -j
            $LASTEXITCODE | Should -Be 0 -Because 'a list that fails has no programs'
            $there = @($list | ConvertFrom-Json | ForEach-Object id)
            -not ($held | Where-Object { [int]$_ -in $there })
        }
    }
}
