<#
.SYNOPSIS
How long do reads take? A histogram in powers of two, in C as bcc takes it.
.EXAMPLE
./Get-ReadLatencyInC.ps1

FromMicroseconds ToMicroseconds Count
---------------- -------------- -----
               0              1  1823
               2              3   447
               4              7   112
#>
param([object] $Duration = 10)

$program = @'
#include <uapi/linux/ptrace.h>
BPF_HASH(start, u32); // stores entry timestamp per PID
BPF_HISTOGRAM(dist); // histogram of latencies
int syscall__read_entry(struct pt_regs *ctx) {
    u32 pid = bpf_get_current_pid_tgid();
    u64 ts = bpf_ktime_get_ns();
    start.update(&pid, &ts);
    return 0;
}
int syscall__read_return(struct pt_regs *ctx) {
    u32 pid = bpf_get_current_pid_tgid();
    u64 *tsp = start.lookup(&pid);
    if (tsp != 0) {
        u64 delta = bpf_ktime_get_ns() - *tsp;
        // Store latency in microseconds, log2 bucketed
        dist.increment(bpf_log2l(delta / 1000));
        start.delete(&pid);
    }
    return 0;
}
'@

$session = Start-EbpfProbe -Source $program -Attach @{ syscall__read_entry = 'syscall:read'; syscall__read_return = 'syscall-return:read' }
try {
    Start-Sleep $Duration

    # Slot n counts values of n bits.
    $session | Get-EbpfMapEntry -Name dist | Where-Object Value -gt 0 | ForEach-Object {
        [pscustomobject]@{
            FromMicroseconds = if ($_.Key -le 1) { 0 } else { [long] [Math]::Pow(2, $_.Key - 1) }
            ToMicroseconds   = [long] [Math]::Pow(2, $_.Key) - 1
            Count            = $_.Value
        }
    }
} finally {
    [void] ($session | Stop-EbpfProbe)
}
