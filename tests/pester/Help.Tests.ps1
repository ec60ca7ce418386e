# The help that Get-Help reads: made from the pages in en-US/, and in agreement with the commands.

BeforeDiscovery {
    $platyPS = Get-Module platyPS -ListAvailable | Where-Object { $_.Version -ge '0.14.0' -and $_.Version -lt '1.0' }
    Import-Module (Join-Path $PSScriptRoot '../../output/EbpfPs') -ErrorAction Stop
    $commands = Get-Command -Module EbpfPs | ForEach-Object { @{ Command = $_.Name } }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $pages = Join-Path $repoRoot 'en-US'
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
}

Describe 'Help' {
    It 'is what the pages make, when platyPS makes it anew' -Skip:(-not $platyPS) {
        & (Join-Path $repoRoot 'scripts/update-help.ps1') -OutputPath $TestDrive | Out-Null
        $made = Get-ChildItem $TestDrive -File | Where-Object Name -match '-Help\.xml$|\.help\.txt$'
        $made.Count | Should -BeGreaterThan 3
        foreach ($file in $made) {
            $committed = Join-Path $pages $file.Name
            Get-Content $committed -Raw | Should -BeExactly (Get-Content $file -Raw) -Because "$($file.Name) is made from the pages: ./build.ps1 -Task Help"
        }
    }

    It 'has a page and no more for each command' {
        $named = Get-ChildItem $pages -Filter *.md | Where-Object Name -notlike 'about_*' | ForEach-Object BaseName
        $named | Sort-Object | Should -Be ((Get-Command -Module EbpfPs).Name | Sort-Object)
    }

    It 'of <Command> says what it does, with three examples' -ForEach $commands {
        $help = Get-Help $Command -Full
        $help.Synopsis | Should -Not -BeLike "*$Command *"
        $help.Synopsis.Length | Should -BeGreaterThan 20
        ($help.description | Out-String).Length | Should -BeGreaterThan 80
        @($help.examples.example).Count | Should -BeGreaterOrEqual 3
        foreach ($example in $help.examples.example) {
            $example.code | Should -Match $Command.Split('-')[1]
            ($example.remarks | Out-String).Trim().Length | Should -BeGreaterThan 10
        }
    }

    It 'of <Command> describes its parameters, and no others' -ForEach $commands {
        $real = (Get-Command $Command).Parameters.Values | Where-Object Name -notin $common
        $told = @((Get-Help $Command -Full).parameters.parameter | Where-Object { $_ -and $_.name -notin $common })
        $told.name | Sort-Object | Should -Be ($real.Name | Sort-Object)
        foreach ($parameter in $real) {
            $text = $told | Where-Object name -eq $parameter.Name
            ($text.description | Out-String).Trim().Length | Should -BeGreaterThan 20 -Because "-$($parameter.Name) needs a description"
            $text.type.name | Should -Be $parameter.ParameterType.Name.Replace('`1', '') -Because "-$($parameter.Name) has a type"
        }
    }

    It 'has <_>' -ForEach 'about_EbpfPs', 'about_EbpfPs_Events', 'about_EbpfPs_Loss' {
        (Get-Help $_ | Out-String) | Should -Match 'LONG DESCRIPTION'
    }

    It 'of the events names every property of every type' {
        $text = Get-Content (Join-Path $pages 'about_EbpfPs_Events.md') -Raw
        $types = [EbpfPs.Events.EbpfEvent].Assembly.GetTypes() | Where-Object { $_.IsSubclassOf([EbpfPs.Events.EbpfEvent]) -and $_.IsPublic }
        $types.Count | Should -BeGreaterOrEqual 5
        foreach ($property in $types.GetProperties().Name | Sort-Object -Unique) {
            $text | Should -Match "\b$property\b"
        }
    }
}
