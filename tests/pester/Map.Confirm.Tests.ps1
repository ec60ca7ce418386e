# -Confirm and -WhatIf of the commands that change maps and pins: what they ask, and what each answer does.

BeforeDiscovery {
    $commands = @(
        @{ Line = 'Set-EbpfMapEntry -Path {0} -Key 1 -Value 2'; Asks = 'Set to 2" on target "entry 1 of map pstc_map'; After = 'entries 1=2 pins map' }
        @{ Line = 'Remove-EbpfMapEntry -Path {0} -Key 1'; Asks = 'Remove" on target "entry 1 of map pstc_map'; After = 'entries  pins map' }
        @{ Line = '$null = New-EbpfPin {1}/other -MapId (Get-EbpfMap -Path {0}).Id'; Asks = 'Pin map \d+" on target "{1}/other'; After = 'entries 1=1 pins map other' }
        @{ Line = 'Remove-EbpfPin {1}/second'; Asks = 'Remove the pin of map \d+" on target "{1}/second'; Second = $true; After = 'entries 1=1 pins map' }
    )
    $commands | ForEach-Object { $_.Second ??= $false; $_.Name = ([regex]'\w+-Ebpf\w+').Match($_.Line).Value }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = "/sys/fs/bpf/ebpfps-confirm-$PID"
    $map = "$folder/map"

    function Get-State {
        $entries = Get-EbpfMapEntry -Path $map | ForEach-Object { '{0}={1}' -f $_.Key[0], $_.Value[0] }
        "entries $($entries -join ' ') pins $((Get-ChildItem $folder).Name -join ' ')"
    }

    # A pwsh that has somebody at its other end.
    function Invoke-Asked([string] $Answer, [string] $Command) {
        $Answer | & $pwshPath -NoProfile -Command "Import-Module '$modulePath'; $Command" 2>&1 | Out-String -Width 400 | ForEach-Object { $_ -replace '\s+', ' ' }
    }
}

Describe '<Name>' -ForEach $commands {
    BeforeEach {
        Save-HeldDescriptor
        New-Item -ItemType Directory $folder | Out-Null
        bpftool map create $map type hash key 4 value 8 entries 4 name pstc_map
        Set-EbpfMapEntry -Path $map -Key 1 -Value 1
        if ($Second) {
            New-EbpfPin "$folder/second" -MapId (Get-EbpfMap -Path $map).Id | Out-Null
        }

        $before = Get-State
        $text = $Line -f $map, $folder
    }

    AfterEach {
        Remove-Item $folder -Recurse -Force
        Assert-NothingHeld
    }

    It 'does it without a question' {
        . ([scriptblock]::Create($text))
        Get-State | Should -BeExactly $After
    }

    It 'asks with -Confirm, and yes does it' {
        $said = Invoke-Asked 'y' "$text -Confirm"
        $said | Should -Match ($Asks -f $map, $folder)
        Get-State | Should -BeExactly $After
    }

    It 'asks with -Confirm, and no leaves everything as it was' {
        Invoke-Asked 'n' "$text -Confirm" | Should -Match ($Asks -f $map, $folder)
        Get-State | Should -BeExactly $before
    }

    It 'asks where $ConfirmPreference is Medium, and not where it is High' {
        $asked = Complete-Pipeline (Start-Pipeline ([scriptblock]::Create("`$ConfirmPreference = 'Medium'; $text")))
        $asked.Error.Count | Should -Be 1
        $asked.Error[0].Exception.Message | Should -Match 'prompts the user'
        Get-State | Should -BeExactly $before
        $given = Complete-Pipeline (Start-Pipeline ([scriptblock]::Create("`$ConfirmPreference = 'High'; $text")))
        $given.Error | Should -BeNullOrEmpty
        Get-State | Should -BeExactly $After
    }

    It 'does not ask with -Confirm:$false, whatever $ConfirmPreference says' {
        $given = Complete-Pipeline (Start-Pipeline ([scriptblock]::Create("`$ConfirmPreference = 'Low'; $text -Confirm:`$false")))
        $given.Error | Should -BeNullOrEmpty
        Get-State | Should -BeExactly $After
    }

    It 'tells with -WhatIf what it would do, and does nothing' {
        Invoke-Asked '' "$text -WhatIf" | Should -Match ('What if: .*' + ($Asks -f $map, $folder))
        Get-State | Should -BeExactly $before
    }
}
