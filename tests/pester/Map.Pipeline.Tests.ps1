# Maps and entries from one command to the next, in the ways that people type.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = "/sys/fs/bpf/ebpfps-pipe-$PID"

    # Numbers with type information, as the session's filter of process ids has them.
    function Start-Filtered { Start-EbpfProbe exec -ProcessId $PID, 1 -IncludeSelf }
}

Describe 'Reading' {
    BeforeAll {
        Save-HeldDescriptor
        New-Item -ItemType Directory $folder | Out-Null
        bpftool map create "$folder/first" type hash key 4 value 8 entries 16 name pstp_first
        bpftool map create "$folder/second" type hash key 4 value 8 entries 16 name pstp_second
        1..3 | ForEach-Object { Set-EbpfMapEntry -Path "$folder/first" -Key $_ -Value 1 }
        4..5 | ForEach-Object { Set-EbpfMapEntry -Path "$folder/second" -Key $_ -Value 2 }
        $session = Start-Filtered
        $program = Get-EbpfProgram | Select-Own | Where-Object { $_.MapId -contains ($session | Get-EbpfMap pids).Id } | Select-Object -First 1
    }

    AfterAll {
        $session | Stop-EbpfProbe | Out-Null
        Remove-Item $folder -Recurse -Force
        Assert-NothingHeld
    }

    It '<_> gives the entries of the session''s map' -ForEach @(
        '$session | Get-EbpfMap | Get-EbpfMapEntry -Name pids'
        '$session | Get-EbpfMap | Get-EbpfMapEntry pids'
        '$session | Get-EbpfMap | Get-EbpfMapEntry PID[s]'
        '$session | Get-EbpfMap pids | Get-EbpfMapEntry'
        '$session | Get-EbpfMap pids | Get-EbpfMapEntry pids'
        '$session | Get-EbpfMapEntry pids'
        'Get-EbpfMapEntry -InputObject $session -Name pids'
        'Get-EbpfMapEntry -Map ($session | Get-EbpfMap) -Name pids'
        'Get-EbpfMapEntry -Map ($session | Get-EbpfMap pids)'
        'Get-EbpfMapEntry -Id ($session | Get-EbpfMap pids).Id'
        'Get-EbpfMap -Id ($session | Get-EbpfMap pids).Id | Get-EbpfMapEntry'
        '$program | Get-EbpfMap | Get-EbpfMapEntry pids'
        '$program | Get-EbpfMap pids | Get-EbpfMapEntry'
        '$program | Get-EbpfMapEntry -Name pids'
        'Get-EbpfProgram -Id $program.Id | Get-EbpfMap p*s | Get-EbpfMapEntry -Name p*'
        'Get-EbpfProgram -Id $program.Id | Get-EbpfLink | Get-EbpfProgram | Get-EbpfMapEntry pids'
    ) {
        $entries = @(. ([scriptblock]::Create($_)))
        $entries.Key | Sort-Object | Should -Be 1, $PID
        $entries.Map | Should -Be pids, pids
        $entries.MapId | Should -Be (, ($session | Get-EbpfMap pids).Id * 2)
    }

    It '<_> gives the entries of the pinned map' -ForEach @(
        'Get-EbpfMap pstp_first | Get-EbpfMapEntry'
        'Get-EbpfMap -Name pstp_first | Get-EbpfMapEntry -Name pstp_first'
        'Get-EbpfMap pstp_* | Get-EbpfMapEntry pstp_first'
        'Get-EbpfMap | Get-EbpfMapEntry PSTP_FIRST'
        'Get-EbpfMap -Id (Get-EbpfMap pstp_first).Id | Get-EbpfMapEntry'
        'Get-EbpfMap -Path "$folder/first" | Get-EbpfMapEntry'
        'Get-EbpfMap -Path "$folder/second", "$folder/first" | Get-EbpfMapEntry *first'
        'Get-EbpfMap | Where-Object Name -EQ pstp_first | Get-EbpfMapEntry'
        'Get-EbpfMapEntry pstp_first'
        'Get-EbpfMapEntry -Path "$folder/first"'
    ) {
        $entries = @(. ([scriptblock]::Create($_)))
        $entries.ForEach{ $_.Key[0] } | Sort-Object | Should -Be 1, 2, 3
    }

    It 'of several maps is in the order in which they come' {
        @(Get-EbpfMap -Path "$folder/second", "$folder/first" | Get-EbpfMapEntry).Map | Should -Be pstp_second, pstp_second, pstp_first, pstp_first, pstp_first
    }

    It 'of a name that none of the maps has is one error, at the end' {
        $problem = Get-TheError { Get-EbpfMap pstp_* | Get-EbpfMapEntry no-such }
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfMapEntryCommand' -Category ObjectNotFound -Target no-such -Message "None of these maps is called 'no-such'" -Action Get-EbpfMap
        $problem = Get-TheError { $program | Get-EbpfMap no-such }
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfMapCommand' -Category ObjectNotFound -Target no-such -Message "None of these maps is called 'no-such'" -Action Get-EbpfMap
        Get-EbpfMap pstp_* | Get-EbpfMapEntry no-such* | Should -BeNullOrEmpty
    }

    It 'gives a type that millions of can be made, with values that can be set' {
        $entry = @(Get-EbpfMapEntry pstp_second)[0]
        $entry | Should -BeOfType EbpfPs.MapEntry
        $entry.PSTypeNames[0] | Should -BeExactly EbpfPs.MapEntry
        $entry.PSObject.Properties.Name | Should -Be Map, MapId, Key, Value
        $entry.Value = 5
        $entry | Set-EbpfMapEntry
        @(Get-EbpfMapEntry pstp_second | Where-Object { $_.Key[0] -eq $entry.Key[0] })[0].Value[0] | Should -Be 5
    }
}

Describe 'Changing' {
    BeforeEach {
        Save-HeldDescriptor
        $session = Start-Filtered
        $other = Start-Filtered
    }

    AfterEach {
        $session, $other | Stop-EbpfProbe | Out-Null
        Assert-NothingHeld
    }

    It '<_> sets that entry of that map' -ForEach @(
        '$session | Get-EbpfMap pids | Get-EbpfMapEntry | Where-Object Key -EQ 1 | Set-EbpfMapEntry -Value 7'
        '$session | Get-EbpfMap | Get-EbpfMapEntry pids | Where Key -eq 1 | Set-EbpfMapEntry -Value 7'
        '$session | Get-EbpfMapEntry pids | Where-Object Key -EQ 1 | ForEach-Object { $_.Value = 7; $_ } | Set-EbpfMapEntry'
        '$session | Get-EbpfMap pids | Set-EbpfMapEntry -Key 1 -Value 7'
        '$session | Set-EbpfMapEntry pids 1 7'
        '$session | Set-EbpfMapEntry -Name pids -Key 1 -Value 7'
        'Set-EbpfMapEntry -InputObject $session pids 1 7'
        'Set-EbpfMapEntry -Id ($session | Get-EbpfMap pids).Id 1 7'
        'Set-EbpfMapEntry -InputObject ($session | Get-EbpfMap pids) -Key 1 -Value 7'
        '[pscustomobject]@{ Map = "pids"; MapId = ($session | Get-EbpfMap pids).Id; Key = 1; Value = 7 } | Set-EbpfMapEntry'
    ) {
        . ([scriptblock]::Create($_))
        (($session | Get-EbpfMapEntry pids | Sort-Object Key).ForEach{ "$($_.Key)=$($_.Value)" }) -join ' ' | Should -BeExactly "1=7 $PID=1"
        (($other | Get-EbpfMapEntry pids | Sort-Object Key).ForEach{ "$($_.Key)=$($_.Value)" }) -join ' ' | Should -BeExactly "1=1 $PID=1"
    }

    It '<_> removes that entry of that map' -ForEach @(
        '$session | Get-EbpfMap pids | Get-EbpfMapEntry | Where-Object Key -EQ 1 | Remove-EbpfMapEntry'
        '$session | Get-EbpfMap | Get-EbpfMapEntry pids | Where Key -eq 1 | Remove-EbpfMapEntry'
        '$session | Get-EbpfMapEntry pids | Where-Object Key -EQ 1 | Remove-EbpfMapEntry'
        '$session | Get-EbpfMap pids | Remove-EbpfMapEntry -Key 1'
        '$session | Remove-EbpfMapEntry pids 1'
        'Remove-EbpfMapEntry -Id ($session | Get-EbpfMap pids).Id 1'
    ) {
        . ([scriptblock]::Create($_))
        ($session | Get-EbpfMapEntry pids).Key | Should -Be $PID
        @($other | Get-EbpfMapEntry pids).Count | Should -Be 2
    }

    It 'copies entries from one map to the one that is named' {
        $session | Get-EbpfMapEntry pids | ForEach-Object { $_.Value = 9; $_ } | Set-EbpfMapEntry -Id ($other | Get-EbpfMap pids).Id
        ($other | Get-EbpfMapEntry pids).Value | Should -Be 9, 9
        ($session | Get-EbpfMapEntry pids).Value | Should -Be 1, 1
    }

    It 'goes to the named map though the entry is of another' {
        New-Item -ItemType Directory $folder | Out-Null
        bpftool map create "$folder/copy" type hash key 4 value 1 entries 16 name pstp_copy
        $session | Get-EbpfMapEntry pids | Set-EbpfMapEntry -Name pstp_copy -Value 3
        $copied = @(Get-EbpfMapEntry pstp_copy)
        Remove-Item $folder -Recurse -Force
        $copied.ForEach{ [BitConverter]::ToInt32($_.Key) } | Sort-Object | Should -Be 1, $PID
    }

    It 'is refused for an entry whose map has another name, or has gone' {
        $entry = [pscustomobject]@{ Map = 'limits'; MapId = ($session | Get-EbpfMap pids).Id; Key = 1; Value = 7 }
        $problem = Get-TheError { $entry | Set-EbpfMapEntry }
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.SetEbpfMapEntryCommand' -Category ObjectNotFound -Target "limits ($($entry.MapId))" -Message "was 'limits' and is 'pids' now" -Action '-Name'
        $entry.MapId = 2147483647
        $problem = Get-TheError { $entry | Remove-EbpfMapEntry }
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.RemoveEbpfMapEntryCommand' -Category ObjectNotFound -Target 2147483647 -Message 'no map with the number' -Action Get-EbpfMap
        ($session | Get-EbpfMapEntry pids).Value | Should -Be 1, 1
    }

    It 'is refused where the pipeline brings a map, and another one or none is named' {
        $problem = Get-TheError { $session | Get-EbpfMap pids | Set-EbpfMapEntry 1 7 9 }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.SetEbpfMapEntryCommand' -Category InvalidArgument -Target '1' -Message "brings map 'pids', and '1' names another" -Action '-Key'
        $problem = Get-TheError { $session | Set-EbpfMapEntry -Key 1 -Value 7 }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.SetEbpfMapEntryCommand' -Category InvalidArgument -Target $session -Message 'No map of session' -Action 'There are: .*pids'
        $problem = Get-TheError { Remove-EbpfMapEntry -Key 1 }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.RemoveEbpfMapEntryCommand' -Category InvalidArgument -Target Remove-EbpfMapEntry -Message 'No map was named' -Action 'Get-EbpfMap'
        ($session | Get-EbpfMapEntry pids).Value | Should -Be 1, 1
    }

    It 'says which maps a session has when it has none of the name' {
        $problem = Get-TheError { $session | Set-EbpfMapEntry no-such 1 1 }
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.SetEbpfMapEntryCommand' -Category ObjectNotFound -Target no-such -Message "no map 'no-such'" -Action 'There are: .*pids'
    }
}

Describe 'Pins of what the pipeline brings' {
    BeforeEach {
        Save-HeldDescriptor
        New-Item -ItemType Directory $folder | Out-Null
    }

    AfterEach {
        Remove-Item $folder -Recurse -Force
        Assert-NothingHeld
    }

    It 'are made of maps, programs and links, and removed by them' {
        $session = Start-EbpfProbe exit
        $session | Get-EbpfMap ring | New-EbpfPin "$folder/map" | Out-Null
        $program = Get-EbpfProgram process_exited | Select-Own
        $program | New-EbpfPin "$folder/program" | Out-Null
        $program | Get-EbpfLink | New-EbpfPin "$folder/link" | Out-Null
        $session | Stop-EbpfProbe | Out-Null
        (Get-ChildItem $folder).Name | Should -Be link, map, program
        Get-EbpfLink -Path "$folder/link" | Remove-EbpfPin
        Get-EbpfProgram -Path "$folder/program" | Remove-EbpfPin
        Get-EbpfMap -Path "$folder/map" | Remove-EbpfPin
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    It 'are left out where an object has none' {
        $session = Start-EbpfProbe exit
        $session | Get-EbpfMap ring | Remove-EbpfPin -ErrorAction Stop
        Get-EbpfProgram process_exited | Select-Own | Remove-EbpfPin -ErrorAction Stop
        $session | Stop-EbpfProbe | Out-Null
    }
}
