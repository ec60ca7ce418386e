# Start-EbpfProbe and Watch-EbpfTrace with -Source and -SourcePath: C that is compiled for this kernel.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # The syscall that the programs here look at; nothing else in this process makes it.
    Add-Type -Namespace SourceTests -Name Native -MemberDefinition '[DllImport("libc")] public static extern int getppid();'

    function Get-Output([hashtable] $Parameter, [int] $Count = 1) {
        $session = Start-EbpfProbe @Parameter
        try {
            1..$Count | ForEach-Object { [void][SourceTests.Native]::getppid() }
            Start-Sleep -Milliseconds 200
            $session | Receive-EbpfEvent
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }
}

Describe '-Source' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'runs a function of bcc''s dialect and shows what it prints' {
        $messages = @(Get-Output @{ Source = "int hello(void *ctx) { bpf_trace_printk(`"Hello World!`"); return 0; }"; Attach = 'syscall:getppid' } 3)
        $own = @($messages | Where-Object ProcessId -eq $PID)
        $own.Count | Should -Be 3
        $own.Message | Select-Object -Unique | Should -BeExactly 'Hello World!'
    }

    It 'makes typed records of what is submitted, and finds their struct by itself' {
        $source = @'
        BPF_PERF_OUTPUT(events);
        struct event_t { u32 pid; char comm[16]; };
        int f(void *ctx) {
            struct event_t e = {};
            e.pid = bpf_get_current_pid_tgid() >> 32;
            bpf_get_current_comm(&e.comm, sizeof(e.comm));
            events.perf_submit(ctx, &e, sizeof(e));
            return 0;
        }
'@
        $records = @(Get-Output @{ Source = $source; Attach = 'syscall:getppid' } 2 | Where-Object pid -eq $PID)
        $records.Count | Should -Be 2
        $records[0].PSObject.TypeNames[0] | Should -BeLike '*.event_t'
        $records[0].comm | Should -Not -BeNullOrEmpty
    }

    It 'counts in maps, from several functions' {
        $source = @'
        BPF_HASH(calls, u32);
        int enter(void *ctx) { u32 pid = bpf_get_current_pid_tgid() >> 32; calls.increment(pid); return 0; }
        int leave(void *ctx) { u32 pid = bpf_get_current_pid_tgid() >> 32; if (PT_REGS_RC(ctx) > 0) calls.increment(pid, 100); return 0; }
'@
        $session = Start-EbpfProbe -Source $source -Attach @{ enter = 'syscall:getppid'; leave = 'syscall-return:getppid' }
        try {
            1..3 | ForEach-Object { [void][SourceTests.Native]::getppid() }
            ($session | Get-EbpfMapEntry -Name calls | Where-Object Key -eq $PID).Value | Should -Be 303
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }

    It 'writes each error of the compiler with line, column and caret' {
        $problem = Get-TheError { Start-EbpfProbe -Source "int f(void *ctx)`n{`n`treturn nothing;`n}" -Attach syscall:getppid }
        Assert-Error $problem -Id 'EbpfPs.CompilationFailed,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ParserError -Target source -Message "^source\.c:3:9: use of undeclared identifier 'nothing'\n\treturn nothing;\n\t       \^$" -Action 'Correct the line'
        $several = @()
        try { Start-EbpfProbe -Source "int f(void *ctx)`n{`n`ta = 1;`n`tb = 2;`n`treturn 0;`n}" -Attach syscall:getppid -ErrorVariable several -ErrorAction SilentlyContinue } catch { $several += $_ }
        # The last is there as the exception too, which ended the command.
        @($several | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { ([string] $_).Split("`n")[0] } | Select-Object -Unique).Count | Should -Be 2
    }

    It 'says why the verifier refused it, at which line' {
        $source = "BPF_HASH(calls, u32);`nint f(void *ctx)`n{`n`tu32 key = 1;`n`treturn *calls.lookup(&key);`n}"
        $problem = Get-TheError { Start-EbpfProbe -Source $source -Attach syscall:getppid }
        Assert-Error $problem -Id 'EbpfPs.VerifierRefused,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidData -Target source -Message "it uses a map's value that may be null, at line 5 of source.c" -Action 'if \(!value\) return 0;'
    }

    It 'takes a place that is none with the forms that there are' {
        $problem = Get-TheError { Start-EbpfProbe -Source 'int f(void *ctx) { return 0; }' -Attach execve }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target execve -Message "'execve'" -Action 'syscall:NAME'
    }
}

Describe '-SourcePath' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'compiles libbpf''s C with its own headers' {
        Set-Content (Join-Path $TestDrive own.h) '#define ANSWER 42'
        $file = Join-Path $TestDrive own.bpf.c
        Set-Content $file @'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "own.h"
SEC("tracepoint/syscalls/sys_enter_getppid") int own(void *ctx)
{
    bpf_printk("answer %d", ANSWER);
    return 0;
}
'@
        $messages = @(Get-Output @{ SourcePath = $file } | Where-Object ProcessId -eq $PID)
        $messages.Message | Should -BeExactly 'answer 42'
    }
}
