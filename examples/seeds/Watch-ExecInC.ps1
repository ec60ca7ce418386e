<#
.SYNOPSIS
Who is running what? In C as bcc takes it.
.EXAMPLE
./Watch-ExecInC.ps1 | Select-Object -ExpandProperty Message

PID 4821 ran: bash
PID 4823 ran: python3
#>
param([object] $Duration = 10)

$program = @'
#include <uapi/linux/ptrace.h>
int trace_exec(struct pt_regs *ctx) {
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    char comm[16];
    bpf_get_current_comm(&comm, sizeof(comm));
    bpf_trace_printk("PID %d ran: %s\n", pid, comm);
    return 0;
}
'@

Watch-EbpfTrace -Source $program -Attach syscall:execve -Duration $Duration
