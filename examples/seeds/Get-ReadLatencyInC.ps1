<#
.SYNOPSIS
How long do reads take? A histogram in powers of two, in C as bcc takes it.
.EXAMPLE
./Get-ReadLatencyInC.ps1

dist
  count 2,431, mean ~1.79us, p50 1.33us, p90 3.63us, p99 10.9us, max <64us
       0ns -      2us 1,823 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
       2us -      4us   447 |@@@@@@@@@@                              |
       4us -      8us   112 |@@                                      |
       8us -     16us    38 |@                                       |
      16us -     32us     9 |@                                       |
      32us -     64us     2 |@                                       |
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
    $session | Get-EbpfMapEntry -Name dist -Unit us
} finally {
    [void] ($session | Stop-EbpfProbe)
}
