# Set-EbpfMapEntry, Remove-EbpfMapEntry, New-EbpfPin, Remove-EbpfPin: maps that bpftool makes and looks into.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = "/sys/fs/bpf/ebpfps-pester-$PID"

    function New-Map([string] $Name, [string] $Type, [int] $Key, [int] $Value, [int] $Entries = 16, [int] $Flags = 0) {
        bpftool map create "$folder/$Name" type $Type key $Key value $Value entries $Entries name $Name flags $Flags
        $LASTEXITCODE | Should -Be 0
    }
}

Describe 'Entries of a map' {
    BeforeEach {
        Save-HeldDescriptor
        New-Item -ItemType Directory $folder | Out-Null
        $hash = "pst_hash_$PID".Substring(0, [Math]::Min(15, "pst_hash_$PID".Length))
        New-Map $hash hash 4 8
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
        Assert-NothingHeld
    }

    It 'are what bpftool finds afterwards' {
        Set-EbpfMapEntry -Path "$folder/$hash" -Key 258 -Value 72623859790382856
        Get-EbpfMap -Path "$folder/$hash" | Set-EbpfMapEntry -Key ([byte[]](9, 0, 0, 0)) -Value '0100000000000000'
        $dump = bpftool -j map dump pinned "$folder/$hash" | ConvertFrom-Json
        $dump.Count | Should -Be 2
        (($dump | Where-Object { $_.key[0] -eq '0x02' }).value -join ' ') | Should -BeExactly '0x08 0x07 0x06 0x05 0x04 0x03 0x02 0x01'
        (($dump | Where-Object { $_.key[0] -eq '0x09' }).value -join ' ') | Should -BeExactly '0x01 0x00 0x00 0x00 0x00 0x00 0x00 0x00'
        $own = Get-EbpfMapEntry $hash | Sort-Object { $_.Key[0] }
        $own[0].Key | Should -Be 2, 1, 0, 0
        $own[0].Value | Should -Be 8, 7, 6, 5, 4, 3, 2, 1
    }

    It 'are removed, by key or as they come from the pipeline' {
        1..5 | ForEach-Object { Set-EbpfMapEntry $hash $_ $_ }
        Remove-EbpfMapEntry $hash 3
        Get-EbpfMapEntry $hash | Where-Object { $_.Key[0] -gt 3 } | Remove-EbpfMapEntry
        @(Get-EbpfMapEntry $hash | ForEach-Object { $_.Key[0] } | Sort-Object) | Should -Be 1, 2
        Assert-Error (Get-TheError { Remove-EbpfMapEntry $hash 3 }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.RemoveEbpfMapEntryCommand' -Category ObjectNotFound -Target 3 -Message 'has no entry 3' -Action Get-EbpfMapEntry
    }

    It 'stay as they are with -WhatIf' {
        Set-EbpfMapEntry $hash 1 1
        Set-EbpfMapEntry $hash 1 2 -WhatIf
        Set-EbpfMapEntry $hash 2 2 -WhatIf
        Remove-EbpfMapEntry $hash 1 -WhatIf
        $entry = @(Get-EbpfMapEntry $hash)
        $entry.Count | Should -Be 1
        $entry[0].Value[0] | Should -Be 1
    }

    It 'are refused where value or key don''t fit: <Key> = <Value>' -ForEach @(
        @{ Key = 4294967296; Value = 1; Message = 'key can.t be used: 4294967296 is not within 0 and 4294967295' }
        @{ Key = 'word'; Value = 1; Message = "key can.t be used: 'word' is no whole number" }
        @{ Key = 1; Value = 'word'; Message = "value can.t be used: 'word' is no whole number" }
        @{ Key = 1; Value = [byte[]](1, 2, 3); Message = 'value can.t be used: 3 bytes don.t go into 8' }
        @{ Key = 1; Value = @{ member = 1 }; Message = 'value can.t be used: its type isn.t known' }
    ) {
        $problem = Get-TheError { Set-EbpfMapEntry $hash $Key $Value }
        $problem.FullyQualifiedErrorId | Should -Be 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.SetEbpfMapEntryCommand'
        $problem.ToString() | Should -Match $Message
        Get-EbpfMapEntry $hash | Should -BeNullOrEmpty
    }

    It 'of two maps with one name are not touched' {
        bpftool map create "$folder/second" type hash key 4 value 8 entries 4 name $hash
        $problem = Get-TheError { Set-EbpfMapEntry $hash 1 1 }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.SetEbpfMapEntryCommand' -Category InvalidArgument -Target $hash -Message '2 maps are called' -Action "-Id: $((Get-EbpfMap $hash).Id -join ', ')"
        Get-EbpfMapEntry $hash | Should -BeNullOrEmpty
    }

    It 'of a session''s map are typed' {
        $session = Start-EbpfProbe exec -ProcessId $PID -IncludeSelf
        $map = $session | Get-EbpfMap pids
        $map | Set-EbpfMapEntry -Key $PID -Value 3
        $entry = $map | Get-EbpfMapEntry
        $frozen = Get-TheError { $session | Get-EbpfMap exec.rodata | Set-EbpfMapEntry -Key 0 -Value @{} }
        $session | Stop-EbpfProbe | Out-Null
        $entry.Key | Should -Be $PID
        $entry.Value | Should -Be 3
        $frozen.ToString() | Should -Match 'is frozen \(BPF_MAP_FREEZE\)'
        $frozen.CategoryInfo.Category | Should -Be PermissionDenied
    }

    It 'of 1,000,000 of <Type> come with progress and each once' -ForEach @{ Type = 'hash' }, @{ Type = 'array' } {
        bpftool map create "$folder/many" type $Type key 4 value 8 entries 1000000 name pst_many
        if (-not ('PesterEntries' -as [type])) {
            $engine = [EbpfPs.Probes.KernelMap].Assembly.Location
            Add-Type -IgnoreWarnings -ReferencedAssemblies $engine, netstandard, System.Runtime -TypeDefinition @'
                public static class PesterEntries
                {
                    public static void Fill(EbpfPs.Probes.KernelMap map, uint count)
                    {
                        using (EbpfPs.Probes.MapWriter writer = map.OpenWriter())
                        {
                            for (uint i = 0; i < count; i++) { writer.Set(i, 3UL * i); }
                        }
                    }
                }
'@
        }
        [PesterEntries]::Fill((Get-EbpfMap -Path "$folder/many"), 1000000)
        $pipeline = Start-Pipeline -Parameter @{ Path = "$folder/many" } {
            param($Path)
            Get-EbpfMapEntry -Path $Path | & {
                begin { $count = $keys = $values = [long]0 }
                process { $count++; $keys += $_.Key -is [byte[]] ? [BitConverter]::ToUInt32($_.Key, 0) : $_.Key; $values += [BitConverter]::ToInt64($_.Value, 0) }
                end { "$count $keys $values" }
            }
        }
        Wait-Until -Seconds 120 -For 'the reading of a million entries' { $pipeline.Call.IsCompleted }
        $progress = @($pipeline.Shell.Streams.Progress)
        $result = Complete-Pipeline $pipeline
        $result.Error | Should -BeNullOrEmpty
        $result.Output[0] | Should -BeExactly '1000000 499999500000 1499998500000'
        $progress.Count | Should -BeGreaterThan 1
        $progress[0].Activity | Should -BeExactly 'Reading map pst_many'
        $progress[0].StatusDescription | Should -Match '^[\d,]+ entries; 1,000,000 fit$'
        $progress[0].PercentComplete | Should -BeGreaterOrEqual 0
        @($progress[0..($progress.Count - 2)].PercentComplete) | Should -Be @($progress[0..($progress.Count - 2)].PercentComplete | Sort-Object)
        $progress[-1].RecordType | Should -Be Completed
    }
}

Describe 'Pins' {
    BeforeEach {
        Save-HeldDescriptor
        New-Item -ItemType Directory $folder | Out-Null
        bpftool map create "$folder/first" type hash key 4 value 8 entries 4 name pst_pinned
        $map = Get-EbpfMap -Path "$folder/first"
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
        Assert-NothingHeld
    }

    It 'are made, found and removed' {
        $pin = $map | New-EbpfPin "$folder/deep/second"
        $pin.Path | Should -BeExactly "$folder/deep/second"
        $pin.Kind | Should -Be Map
        $pin.Id | Should -Be $map.Id
        (Get-EbpfMap -Id $map.Id).PinnedPath | Should -Be "$folder/deep/second", "$folder/first"
        (bpftool -j map show pinned "$folder/deep/second" | ConvertFrom-Json).id | Should -Be $map.Id
        Remove-EbpfPin "$folder/first"
        (Get-EbpfMap -Path "$folder/deep/second").Id | Should -Be $map.Id
        $pin | Remove-EbpfPin
        Wait-Until -For 'the map to leave the kernel' { -not (Get-EbpfMap pst_pinned* | Where-Object Id -EQ $map.Id) }
    }

    It 'keep a program attached after its session' {
        $session = Start-EbpfProbe exit
        $link = Get-EbpfLink process_exited | Select-Own
        $pin = New-EbpfPin "$folder/link" -LinkId $link.Id
        $session | Stop-EbpfProbe | Out-Null
        $kept = Get-EbpfLink -Path "$folder/link"
        $program = $kept | Get-EbpfProgram
        $pin | Remove-EbpfPin
        $pin.Kind | Should -Be Link
        $kept.Target | Should -BeExactly sched_process_exit
        $kept.Owner | Should -BeNullOrEmpty
        $kept.PinnedPath | Should -Be "$folder/link"
        $program.Name | Should -BeExactly process_exited
    }

    It 'are neither made nor removed with -WhatIf' {
        $map | New-EbpfPin "$folder/other" -WhatIf
        Remove-EbpfPin "$folder/first" -WhatIf
        (Get-ChildItem $folder).Name | Should -Be first
    }

    It 'are refused at <Path>: <Message>' -ForEach @(
        @{ Path = '{0}/first'; Message = 'is there already'; Action = 'another path' }
        @{ Path = '/tmp/pin'; Message = "isn't in a BPF file system"; Action = '/sys/fs/bpf' }
        @{ Path = '{0}/with.dot'; Message = 'may have no dot'; Action = 'keeps such names' }
    ) {
        $problem = Get-TheError { $map | New-EbpfPin ($Path -f $folder) }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.NewEbpfPinCommand' -Category InvalidArgument -Target ($Path -f $folder) -Message $Message -Action $Action
    }

    It 'are no other files' {
        $file = Join-Path $TestDrive file
        Set-Content $file text
        $problem = Get-TheError { Remove-EbpfPin $file }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.RemoveEbpfPinCommand' -Category InvalidArgument -Target $file -Message 'is no pin' -Action 'BPF file system'
        $file | Should -Exist
        Assert-Error (Get-TheError { 'text' | New-EbpfPin "$folder/text" }) -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.NewEbpfPinCommand' -Category InvalidArgument -Target text -Message "can't be pinned" -Action Get-EbpfMap
    }

    It 'Tab offers them' {
        $offered = Get-Completion "Remove-EbpfPin $folder/fi"
        $offered.CompletionText | Should -Be "$folder/first"
        $offered.ToolTip | Should -Be "$folder/first: map $($map.Id)"
    }
}
