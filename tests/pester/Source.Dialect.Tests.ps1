# What of bcc's dialect goes beyond one function and -Attach: programs that attach themselves, several buffers, what isn't done.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # The syscall that the programs here look at; nothing else in this process makes it.
    Add-Type -Namespace DialectTests -Name Native -MemberDefinition '[DllImport("libc")] public static extern int getppid();'

    function Get-Record([string] $Source, [hashtable] $Parameter = @{}) {
        $session = Start-EbpfProbe -Source $Source.Replace('OWN', $PID) @Parameter
        try {
            1..2 | ForEach-Object { [void][DialectTests.Native]::getppid() }
            Start-Sleep -Milliseconds 200
            $session | Receive-EbpfEvent
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }
}

Describe 'Programs that attach themselves' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'runs TRACEPOINT_PROBE with the tracepoint''s members' {
        $records = @(Get-Record @'
            BPF_PERF_OUTPUT(events);
            struct event_t { s64 result; u32 number; };
            TRACEPOINT_PROBE(syscalls, sys_exit_getppid) {
                struct event_t e = { .result = args->ret, .number = args->__syscall_nr };
                if (bpf_get_current_pid_tgid() >> 32 == OWN) events.perf_submit(args, &e, sizeof(e));
                return 0;
            }
'@)
        $records.Count | Should -Be 2
        $records.result | Should -Be @((Get-Process -Id $PID).Parent.Id, (Get-Process -Id $PID).Parent.Id)
        $records[0].number | Should -BeIn 110, 173
    }

    It 'runs functions by their names: <_>' -ForEach 'syscall__getppid', 'kprobe__sys_getppid', 'tracepoint__syscalls__sys_enter_getppid', 'kretprobe____x64_sys_getppid' {
        $messages = @(Get-Record "int $_(void *ctx) { if (bpf_get_current_pid_tgid() >> 32 == OWN) bpf_trace_printk(`"here`"); return 0; }" | Where-Object ProcessId -EQ $PID)
        $messages.Message | Should -Be here, here
    }

    It 'runs RAW_TRACEPOINT_PROBE and void functions, side by side' {
        $session = Start-EbpfProbe -Source @'
            BPF_ARRAY(seen, u64, 2);
            RAW_TRACEPOINT_PROBE(sys_enter) { int raw = 0; if (ctx->args[1] == 110 || ctx->args[1] == 173) if (bpf_get_current_pid_tgid() >> 32 == OWN) seen.increment(raw); return 0; }
            void syscall__getppid(void *ctx) { int call = 1; if (bpf_get_current_pid_tgid() >> 32 == OWN) seen.increment(call); }
'@.Replace('OWN', $PID)
        try {
            [void][DialectTests.Native]::getppid()
            ($session | Get-EbpfMapEntry seen).Value | Should -Be 1, 1
            $session.Programs.State | Should -Be Attached, Attached
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }
}

Describe 'Records' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    BeforeAll {
        $twoBuffers = @'
            BPF_PERF_OUTPUT(numbers); BPF_PERF_OUTPUT(names);
            struct number_t { u32 number; u32 peer; };
            struct name_t { char name[16]; u16 port; };
            int f(void *ctx) {
                struct number_t a = { .number = 42, .peer = 0x0100007f };
                struct name_t b = { .port = 0x5000 };
                if (bpf_get_current_pid_tgid() >> 32 != OWN) return 0;
                bpf_get_current_comm(&b.name, sizeof(b.name));
                numbers.perf_submit(ctx, &a, sizeof(a));
                names.perf_submit(ctx, &b, sizeof(b));
                return 0;
            }
'@
    }

    It 'of two buffers have each their own type, and -As goes to the fields that there are' {
        $records = @(Get-Record $twoBuffers @{ Attach = 'syscall:getppid'; As = @{ peer = 'IPv4'; port = 'Port' } })
        $records.Count | Should -Be 4
        @($records | Where-Object { $_.PSObject.TypeNames[0] -like '*.number_t' }).peer | Should -Be '127.0.0.1', '127.0.0.1'
        @($records | Where-Object { $_.PSObject.TypeNames[0] -like '*.name_t' }).port | Should -Be 80, 80
    }

    It 'refuse a meaning for a field that none of them has' {
        Assert-Error (Get-TheError { Start-EbpfProbe -Source $twoBuffers.Replace("OWN", $PID) -Attach syscall:getppid -As @{ daddr = 'IPv4' } }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target daddr -Message "has no field 'daddr'" -Action 'There are: n'
    }

    It 'hold what was read through the kernel''s pointers' {
        $records = @(Get-Record @'
            BPF_PERF_OUTPUT(events);
            struct event_t { u32 parent; char name[16]; };
            int f(void *ctx) {
                struct event_t e = {};
                struct task_struct *task = (struct task_struct *)bpf_get_current_task();
                e.parent = task->real_parent->tgid;
                bpf_probe_read_kernel_str(e.name, sizeof(e.name), task->group_leader->comm);
                if (bpf_get_current_pid_tgid() >> 32 == OWN) events.perf_submit(ctx, &e, sizeof(e));
                return 0;
            }
'@ @{ Attach = 'syscall:getppid' })
        $records[0].parent | Should -Be (Get-Process -Id $PID).Parent.Id
        $records[0].name | Should -BeExactly (Get-Content /proc/$PID/comm)
    }
}

Describe 'What isn''t done' {
    It 'is an error at its line with what to do: <Source>' -ForEach @(
        @{ Source = "BPF_PROG_ARRAY(next, 4);`nint f(void *ctx) { return 0; }"; Message = '^source\.c:1:1: BPF_PROG_ARRAY\(\) of bcc isn''t done here\. Programs call each other as static functions' }
        @{ Source = "BPF_HASH(h);`nint f(void *ctx) { h.clear(); return 0; }"; Message = '^source\.c:2:22: maps have no method clear\(\) here\. There are: lookup' }
    ) {
        $problem = Get-TheError { Start-EbpfProbe -Source $Source -Attach syscall:getppid }
        Assert-Error $problem -Id 'EbpfPs.CompilationFailed,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ParserError -Target source -Message $Message -Action 'Correct the line'
    }
}
