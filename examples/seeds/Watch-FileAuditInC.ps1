<#
.SYNOPSIS
Which files are opened? In C as bcc takes it.
.EXAMPLE
./Watch-FileAuditInC.ps1 | Where-Object Message -like '*file=/etc/shadow*'

Time             CPU   PID Name  Message
----             ---   --- ----  -------
07:02:11.402135    1  5200 cat   OPEN pid=5200   comm=cat          file=/etc/shadow
#>
param([object] $Duration = 10)

$program = @'
#include <uapi/linux/ptrace.h>
int trace_open(struct pt_regs *ctx, const char __user *filename, int flags) {
    char fname[256];
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    char comm[16];
    bpf_probe_read_user_str(fname, sizeof(fname), filename);
    bpf_get_current_comm(&comm, sizeof(comm));
    bpf_trace_printk("OPEN pid=%-6d comm=%-12s file=%s\n", pid, comm, fname);
    return 0;
}
'@

Watch-EbpfTrace -Source $program -Attach syscall:openat -Duration $Duration
