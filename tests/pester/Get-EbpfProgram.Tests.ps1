# Get-EbpfProgram and Get-EbpfLink: what is loaded and attached, compared with bpftool; who may ask.

BeforeAll {
    . $PSScriptRoot/common.ps1
    $nobody = '/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'
}

Describe 'Get-EbpfProgram' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'has what bpftool tells of each program' {
        $session = Start-EbpfProbe open
        $told = @(bpftool -j prog show | ConvertFrom-Json)
        $programs = @(Get-EbpfProgram)
        $session | Stop-EbpfProbe | Out-Null

        $own = @($programs | Select-Own)
        $own.Count | Should -BeGreaterOrEqual 4
        foreach ($program in $own) {
            $same = $told | Where-Object id -EQ $program.Id
            $program.Name | Should -BeExactly $same.name
            $program.Tag | Should -BeExactly $same.tag
            $program.Type.ToString() | Should -Be $same.type.Replace('_', '')
            $program.UserId | Should -Be $same.uid
            $program.UserName | Should -BeExactly root
            ([DateTimeOffset]$program.LoadTime).ToUnixTimeSeconds() | Should -BeIn ($same.loaded_at - 1), $same.loaded_at, ($same.loaded_at + 1)
            $program.TranslatedSize | Should -Be $same.bytes_xlated
            $program.JitedSize | Should -Be $same.bytes_jited
            $program.LockedMemory | Should -Be $same.bytes_memlock
            $program.MapId | Should -Be $same.map_ids
            $program.BtfId | Should -Be $same.btf_id
            $program.VerifiedInstructions | Should -BeGreaterThan 10
        }
    }

    It 'lists the programs of sessions, those for -IncludeChild too, and Get-EbpfLink their links' {
        $exec = Start-EbpfProbe exec -ProcessId $PID -IncludeChild
        $open = Start-EbpfProbe open
        $all = @(Get-EbpfProgram | Select-Own).Id
        $ofBoth = @($exec, $open | Get-EbpfProgram)
        $ofExec = @($exec | Get-EbpfProgram)
        $links = @(Get-EbpfProbe | Where-Object Id -EQ $exec.Id | Get-EbpfLink)
        $linksOfPrograms = @($ofExec | Get-EbpfLink)
        $measured = @($open | Get-EbpfProgram -Statistics -Duration 50ms)
        $exec, $open | Stop-EbpfProbe | Out-Null

        $ofBoth.Id | Sort-Object | Should -Be ($all | Sort-Object)
        $ofExec.Count | Should -BeGreaterThan $exec.Programs.Count
        $ofExec.Name | Should -Contain $exec.Programs[0].Name
        $links.Id | Should -Be $linksOfPrograms.Id
        $links.Count | Should -BeGreaterOrEqual $ofExec.Count
        $measured.Id | Sort-Object | Should -Be ($ofBoth.Id | Where-Object { $_ -notin $ofExec.Id } | Sort-Object)
        foreach ($lister in 'Get-EbpfProgram', 'Get-EbpfLink') {
            $class = 'GetEbpf' + $lister.Substring(8) + 'Command'
            Assert-Error (Get-TheError { $open | & $lister }) -Id "EbpfPs.AlreadyStopped,EbpfPs.Cmdlets.$class" -Category InvalidOperation -Target open -Message "was stopped, and its programs went with it" -Action 'before Stop-EbpfProbe'
        }
    }

    It 'chooses by name, number and link' {
        $session = Start-EbpfProbe open
        $enter = @(Get-EbpfProgram ENTER_openat* | Select-Own)
        $byId = Get-EbpfProgram -Id $enter[0].Id
        $link = @(Get-EbpfLink enter_openat | Where-Object ProgramId -EQ $enter[0].Id)
        $byLink = $link | Get-EbpfProgram
        $links = @($enter | Get-EbpfLink)
        $maps = @($enter[0] | Get-EbpfMap)
        $session | Stop-EbpfProbe | Out-Null

        $enter.Name | Should -Be enter_openat, enter_openat2
        $byId.Tag | Should -Be $enter[0].Tag
        $byLink.Id | Should -Be $enter[0].Id
        $links.ProgramId | Should -Be $enter.Id
        $maps.Id | Should -Be $enter[0].MapId
        @($maps | Where-Object { $_ -is [EbpfPs.Probes.SessionMap] }).Count | Should -Be $maps.Count
        Get-EbpfProgram no-such* | Should -BeNullOrEmpty
        Assert-Error (Get-TheError { Get-EbpfProgram no-such }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfProgramCommand' -Category ObjectNotFound -Target no-such -Message "no program 'no-such'" -Action Get-EbpfProgram
        Assert-Error (Get-TheError { Get-EbpfProgram -Id 2147483647 }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfProgramCommand' -Category ObjectNotFound -Target 2147483647 -Message 'no program with the number' -Action Get-EbpfProgram
        Assert-Error (Get-TheError { Get-EbpfProgram -Path /sys/fs/bpf/no-such }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfProgramCommand' -Category ObjectNotFound -Target /sys/fs/bpf/no-such -Message 'Nothing is pinned' -Action /sys/fs/bpf
    }

    It 'is shown as a table, wide and narrow' {
        $session = Start-EbpfProbe exit
        $program = Get-EbpfProgram process_exited | Select-Own
        $lines = @($program | Get-Line -Width 100)
        $narrow = @($program | Format-Table -View Narrow | Get-Line -Width 80)
        $session | Stop-EbpfProbe | Out-Null

        $lines[0] | Should -BeExactly '    Id Name                 Type          LoadTime        Jited Verified Held by'
        $lines[2] | Should -Match "^ *$($program.Id) process_exited +Tracing +\d\d-\d\d \d\d:\d\d:\d\d +\d+ +\d+ .+ \($PID\)$"
        $narrow[0] | Should -BeExactly '    Id Name                 Type          Held by'
    }

    It 'goes through CSV and JSON' {
        $session = Start-EbpfProbe exit
        $program = Get-EbpfProgram process_exited | Select-Own
        $csv = $program | ConvertTo-Csv | ConvertFrom-Csv
        $json = $program | ConvertTo-Json | ConvertFrom-Json
        $session | Stop-EbpfProbe | Out-Null

        $csv.MapId | Should -BeExactly ($program.MapId -join ' ')
        $csv.Owner | Should -Match "\($PID\)"
        $json.MapId | Should -Be $program.MapId
        $json.Owner[0].ProcessId | Should -Be $PID
    }

    It 'Tab offers numbers and names with tooltips' {
        $session = Start-EbpfProbe exit
        $program = Get-EbpfProgram process_exited | Select-Own
        $names = Get-Completion 'Get-EbpfProgram process_ex'
        $ids = Get-Completion "Get-EbpfProgram -Id $($program.Id)"
        $link = Get-Completion "Get-EbpfLink -Id "
        $session | Stop-EbpfProbe | Out-Null

        $names.CompletionText | Should -Contain process_exited
        ($names | Where-Object CompletionText -EQ process_exited).ToolTip | Should -Match '^Tracing program \d+, loaded .* by root, for sched_process_exit'
        $ids.CompletionText | Should -Contain "$($program.Id)"
        @($link.ToolTip -match 'sched_process_exit').Count | Should -BeGreaterOrEqual 1
    }
}

Describe 'Get-EbpfLink' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'says what is attached where, as bpftool does' {
        $session = Start-EbpfProbe open, exit
        $told = @(bpftool -j link show | ConvertFrom-Json)
        $links = @(Get-EbpfLink | Select-Own)
        $session | Stop-EbpfProbe | Out-Null

        $links.Count | Should -BeGreaterOrEqual 5
        foreach ($link in $links) {
            $same = $told | Where-Object id -EQ $link.Id
            $link.Type.ToString() | Should -Be $same.type.Replace('_', '')
            $link.ProgramId | Should -Be $same.prog_id
        }

        $links.Target | Should -Contain sched_process_exit
        ($links | Where-Object Target -EQ sched_process_exit).ProgramName | Should -BeExactly process_exited
    }

    It 'is an error for a program without links' {
        Assert-Error (Get-TheError { Get-EbpfLink no-such }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfLinkCommand' -Category ObjectNotFound -Target no-such -Message "no link of a program 'no-such'" -Action Get-EbpfLink
    }
}

Describe 'The lists of the system, without the privileges' {
    It '<Command> names the capability that <User> lacks' -ForEach @(
        @{ Command = 'Get-EbpfProgram'; User = 'nobody'; Extra = @() }
        @{ Command = 'Get-EbpfLink'; User = 'nobody'; Extra = @() }
        @{ Command = 'Get-EbpfMap'; User = 'nobody'; Extra = @() }
        @{ Command = 'Get-EbpfProgram'; User = 'one with CAP_BPF'; Extra = '--inh-caps=+bpf,+perfmon', '--ambient-caps=+bpf,+perfmon' }
        @{ Command = 'Get-EbpfMapEntry -Id 1'; User = 'one with CAP_BPF'; Extra = '--inh-caps=+bpf,+perfmon', '--ambient-caps=+bpf,+perfmon' }
    ) {
        $result = Invoke-OtherPwsh -Launcher (@($nobody) + $Extra) "try { $Command -ErrorAction Stop; 'no error' } catch { [pscustomobject]@{ Id = `$_.FullyQualifiedErrorId; Message = `"`$_`"; Action = `$_.ErrorDetails.RecommendedAction } }"
        $result.Id | Should -BeLike 'EbpfPs.PermissionDenied,*'
        $result.Message | Should -Match 'This process lacks .*CAP_SYS_ADMIN'
        $result.Action | Should -Match root
    }
}
