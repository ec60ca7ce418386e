# The module as a whole: what it exports, how it is imported, what it loads when.

BeforeDiscovery {
    Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) output EbpfPs)
    $cmdlets = @(Get-Command -Module EbpfPs | ForEach-Object Name)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $manifest = Import-PowerShellDataFile "$modulePath/EbpfPs.psd1"
}

Describe 'The manifest' {
    It 'is valid' {
        $module = Test-ModuleManifest "$modulePath/EbpfPs.psd1"
        $module.Name | Should -Be EbpfPs
        $module.Version | Should -BeGreaterThan ([version]'0.0.0')
        $module.Description | Should -Not -BeNullOrEmpty
        $module.Author | Should -Not -BeNullOrEmpty
        $module.Copyright | Should -Not -BeNullOrEmpty
    }

    It 'is for PowerShell 7.4 and newer, Core, Linux' {
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be Core
        $manifest.PrivateData.PSData.Tags | Should -Contain Linux
        $manifest.PrivateData.PSData.Tags | Should -Contain PSEdition_Core
    }

    It 'names what it exports, one by one: cmdlets and nothing else' {
        $manifest.CmdletsToExport | Should -Not -BeNullOrEmpty
        @($manifest.CmdletsToExport -match '[*?]') | Should -BeNullOrEmpty
        $manifest.FunctionsToExport | Should -BeNullOrEmpty
        $manifest.VariablesToExport | Should -BeNullOrEmpty
        $manifest.AliasesToExport | Should -BeNullOrEmpty
        @(Get-Command -Module EbpfPs | ForEach-Object Name | Sort-Object) | Should -Be @($manifest.CmdletsToExport | Sort-Object)
        @(Get-Command -Module EbpfPs).CommandType | Select-Object -Unique | Should -Be Cmdlet
    }

    It 'exports every cmdlet of its assembly' {
        $assembly = (Get-Command Watch-EbpfTrace).ImplementingType.Assembly
        $declared = $assembly.GetExportedTypes() |
            ForEach-Object { [Attribute]::GetCustomAttribute($_, [System.Management.Automation.CmdletAttribute]) } |
            Where-Object { $_ } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
        @($declared | Sort-Object) | Should -Be @($manifest.CmdletsToExport | Sort-Object)
    }

    It 'has the module''s files beside it' {
        foreach ($file in @($manifest.RootModule) + $manifest.TypesToProcess + $manifest.FormatsToProcess + 'LICENSE', 'EbpfPs.Engine.dll') {
            Join-Path $modulePath $file | Should -Exist
        }

        Get-ChildItem "$modulePath/bpf/*/*.bpf.o" | Should -Not -BeNullOrEmpty
    }
}

Describe 'The command <_>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $_
        $declared = @($command.Parameters.Values | Where-Object { $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters })
    }

    It 'has an approved verb, a singular noun and the prefix' {
        (Get-Verb).Verb | Should -Contain $command.Verb
        $command.Noun | Should -MatchExactly '^Ebpf[A-Z][A-Za-z]+$'
        $command.Noun | Should -Not -Match '[^s]s$'
    }

    It 'has parameters with singular names in PascalCase' {
        foreach ($name in $declared.Name) {
            $name | Should -MatchExactly '^[A-Z][A-Za-z]+$'
        }

        # A count of events is the only plural; statistics have no singular, and As is no noun.
        @(@($declared.Name) -match '[^s]s$' | Where-Object { $_ -notin 'MaxEvents', 'Statistics', 'As' }) | Should -BeNullOrEmpty
    }

    It 'says what it returns, by types that exist' {
        $command.OutputType | Should -Not -BeNullOrEmpty
        foreach ($type in $command.OutputType) {
            # A type that is none of .NET is one that the module has a view for.
            $type.Type ?? (Get-FormatData $type.Name) | Should -Not -BeNullOrEmpty -Because $type.Name
        }
    }

    It 'asks before it changes something, and only then' {
        $command.Parameters.ContainsKey('WhatIf') | Should -Be ($command.Verb -in 'Start', 'Stop', 'Set', 'New', 'Remove')
    }

    It 'names at most one parameter set as default, and it exists' {
        if ($command.ParameterSets.Count -gt 1) {
            $command.DefaultParameterSet | Should -BeIn $command.ParameterSets.Name
        }
    }
}

Describe 'Help of <_>' -ForEach $cmdlets -Skip:(-not (Test-Path (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'output/EbpfPs/en-US/*-Help.xml'))) {
    BeforeAll {
        $name = $_
        $help = Get-Help $name -Full
        $command = Get-Command $name
    }

    It 'has a synopsis, a description and three examples' {
        $help.Synopsis | Should -Match '\.$'
        ($help.description | Out-String).Trim() | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterOrEqual 3
    }

    It 'describes every parameter' {
        $declared = $command.Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.Cmdlet]::CommonParameters + 'WhatIf', 'Confirm', 'ProgressAction' }
        foreach ($parameter in $declared) {
            ($help.parameters.parameter | Where-Object name -EQ $parameter | ForEach-Object description | Out-String).Trim() | Should -Not -BeNullOrEmpty -Because $parameter
        }
    }
}

Describe 'Import-Module' {
    It 'of the sources fails, with what to do' {
        $result = Invoke-OtherPwsh @"
            try { Import-Module '$repoRoot/EbpfPs.psd1' -Force -ErrorAction Stop; 'imported' }
            catch { [pscustomobject]@{ Id = `$_.FullyQualifiedErrorId; Message = "`$_"; Action = `$_.ErrorDetails.RecommendedAction } }
"@
        $result.Message | Should -Match 'sources of EbpfPs'
        $result.Id | Should -Match 'EbpfPs.NotBuilt'
        $result.Action | Should -Match 'Import-Module .*output/EbpfPs'
    }

    It 'loads the module''s own assemblies, and no native library' {
        $result = Invoke-OtherPwsh @'
            $maps = [IO.File]::ReadAllText('/proc/self/maps')
            $own = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.Location -and -not $_.Location.StartsWith($PSHOME) } | ForEach-Object { [IO.Path]::GetFileName($_.Location) }
            $before = $maps -match 'libbpf|libelf'
            $sessions = @(Get-EbpfProbe).Count
            Start-EbpfProbe exit | Stop-EbpfProbe | Out-Null
            [pscustomobject]@{
                Own = @($own | Sort-Object)
                Before = $before
                After = [IO.File]::ReadAllText('/proc/self/maps') -match 'libbpf'
                Bundled = [IO.File]::ReadAllText('/proc/self/maps') -match 'runtimes/linux-\w+/native/libbpf'
            }
'@
        @($result.Own | Where-Object { $_ -notlike 'EbpfPs*.dll' }) | Should -BeNullOrEmpty
        $result.Own | Should -Contain EbpfPs.dll
        $result.Before | Should -BeFalse -Because 'libbpf is loaded by the first command that needs it'
        $result.After | Should -BeTrue
        $result.Bundled | Should -BeTrue -Because 'the module brings its own libbpf'
    }

    It 'works from a copy of the folder, wherever it is' {
        $copy = Join-Path $TestDrive 'a folder' EbpfPs
        $null = New-Item -ItemType Directory (Split-Path $copy)
        Copy-Item -Recurse $modulePath $copy
        (Invoke-OtherPwsh -Module $copy '(Start-EbpfProbe exit | Stop-EbpfProbe).Name').ToString() | Should -Be exit
    }

    It 'twice is once' {
        $result = Invoke-OtherPwsh "Import-Module '$modulePath'; @(Get-Module EbpfPs).Count, @(Get-FormatData EbpfPs.*).Count, `$Error.Count"
        $result | Should -Be 1, @(Get-FormatData EbpfPs.*).Count, 0
    }

    It 'brings no command that hides another' {
        foreach ($name in (Get-Module EbpfPs).ExportedCommands.Keys) {
            @(Get-Command $name -All).Count | Should -Be 1
        }
    }

    It 'writes nothing: no warning about verbs, no verbose text' {
        $said = & $pwshPath -NoProfile -NonInteractive -Command "Import-Module '$modulePath' *>&1" | Out-String
        $said.Trim() | Should -BeExactly ''
    }
}
