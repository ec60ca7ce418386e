# Get-EbpfType, and Get-EbpfProgram's -Statistics and -Disassembly.

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Get-EbpfType' {
    It 'shows a struct as tree and as C' {
        $type = Get-EbpfType path -Kind Struct
        $type.Size | Should -Be 16
        $type.Member.Name | Should -Be mnt, dentry
        $type.Member[1].Offset | Should -Be 8
        $type.Definition | Should -BeExactly "struct path {`n`tstruct vfsmount *mnt;`n`tstruct dentry *dentry;`n};"
        # In a union without a name since Linux 6.16.
        $inner = (Get-EbpfType file -Kind Struct).Member.Member
        @($inner.Name) + @($inner.Member.Name) | Should -Contain dentry
    }

    It 'takes wildcards, kinds and names in another case' {
        (Get-EbpfType schedule* -Kind Typedef, Function | Select-Object -First 1).Name | Should -BeLike 'schedule*'
        (Get-EbpfType PATH -Kind Struct).Name | Should -BeExactly path
        (Get-EbpfType pid_type).Value[0].Name | Should -BeExactly PIDTYPE_PID
        (Get-EbpfType vfs_open).ReturnType | Should -BeExactly int
    }

    It 'reads objects' {
        $object = Get-ChildItem "$modulePath/bpf/*/open.bpf.o" | Select-Object -First 1
        (Get-EbpfType -Path $object.FullName event_header).Member.Name | Should -Contain pid
    }

    It 'says what is not there' {
        Assert-Error (Get-TheError { Get-EbpfType no_such_type }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfTypeCommand' -Category ObjectNotFound -Target no_such_type -Message "vmlinux has no type 'no_such_type'" -Action Wildcards
        Assert-Error (Get-TheError { Get-EbpfType -Module no_such_module }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfTypeCommand' -Category ObjectNotFound -Target no_such_module -Message no_such_module -Action /sys/kernel/btf
        Assert-Error (Get-TheError { Get-EbpfType -Path /etc/passwd }) -Id 'EbpfPs.InvalidObject,EbpfPs.Cmdlets.GetEbpfTypeCommand' -Category InvalidData -Target /etc/passwd -Message 'no type information' -Action 'clang -g'
    }

    It 'is shown as a table, and its members too' {
        $lines = @(Get-EbpfType path -Kind Struct | Get-Line)
        $lines[0] | Should -Match '^Kind +Name +Size +Members +Source$'
        $lines[2] | Should -Match '^Struct +path +16 +2 +vmlinux$'
        @((Get-EbpfType path -Kind Struct).Member | Format-Table | Get-Line)[2] | Should -Match '^ +0 +8 +struct vfsmount \* +mnt$'
    }

    It 'needs no privilege, and Tab offers names' {
        $result = Invoke-OtherPwsh -Launcher '/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups' '(Get-EbpfType path -Kind Struct).Size'
        $result | Should -Be 16
        $offered = Get-Completion 'Get-EbpfType vfs_ope'
        $offered.CompletionText | Should -Contain vfs_open
        ($offered | Where-Object CompletionText -EQ vfs_open).ToolTip | Should -BeLike 'int vfs_open(*'
    }
}

Describe 'Get-EbpfProgram' {
    BeforeEach {
        Save-HeldDescriptor
        $session = Start-EbpfProbe open
        $own = @(Get-EbpfProgram *_openat | Select-Own)
    }
    AfterEach {
        $session | Stop-EbpfProbe | Out-Null
        Assert-NothingHeld
    }

    It '-Statistics measures runs and switches statistics off again' {
        $before = Get-Content /proc/sys/kernel/bpf_stats_enabled
        $opener = [Diagnostics.Process]::Start('/bin/sh', [string[]]('-c', (Get-OpenLoop)))
        $measured = @(Get-EbpfProgram -Id $own.Id -Statistics -Duration 500ms)
        Stop-Workload $opener
        $measured.Id | Should -Be $own.Id
        foreach ($one in $measured) {
            $one.RunCount | Should -BeGreaterThan 100
            $one.MeanNs | Should -BeGreaterThan 0
            $one.RunTimeNs | Should -BeGreaterOrEqual $one.RunCount
            $one.Elapsed.TotalMilliseconds | Should -BeGreaterOrEqual 499
            $one.CpuPercent | Should -BeGreaterThan 0
        }

        @($measured | Get-Line)[0] | Should -Match '^ +Id +Name +Type +Runs +Mean +CPU%$'
        Get-Content /proc/sys/kernel/bpf_stats_enabled | Should -Be $before
    }

    It '-Disassembly is what bpftool writes' {
        foreach ($program in $own) {
            $told = @(bpftool -j prog dump xlated id $program.Id | ConvertFrom-Json)
            $code = @(Get-EbpfProgram -Id $program.Id -Disassembly)
            $code.Text | Should -Be $told.disasm
            $code[0].Function | Should -Match "$($program.Name)\("
        }

        @($code | Get-Line)[0] | Should -Match "Program: $($program.Name) \($($program.Id)\)"
    }

    It 'refuses what can''t be together' {
        Assert-Error (Get-TheError { Get-EbpfProgram -Statistics -Disassembly }) -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.GetEbpfProgramCommand' -Category InvalidArgument -Target Get-EbpfProgram -Message 'together' -Action 'one after the other'
        Assert-Error (Get-TheError { Get-EbpfProgram -Duration 1 }) -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.GetEbpfProgramCommand' -Category InvalidArgument -Target Get-EbpfProgram -Message '-Duration is for -Statistics' -Action 'Add -Statistics'
    }
}
