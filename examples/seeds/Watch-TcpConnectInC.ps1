<#
.SYNOPSIS
Who connects where? In C as bcc takes it. It takes a kernel with fentry or kprobes (Test-EbpfSupport fentry, kprobe).
.DESCRIPTION
It runs at tcp_connect, which tcp_v4_connect calls once the socket knows its addresses. At the entry of tcp_v4_connect itself
they are still 0.0.0.0.
.EXAMPLE
./Watch-TcpConnectInC.ps1

pid   saddr     daddr     dport comm
---   -----     -----     ----- ----
5120  192.0.2.7 192.0.2.1   443 curl
#>
param([object] $Duration = 10)

$program = @'
#include <net/sock.h>
#include <bcc/proto.h>
BPF_PERF_OUTPUT(events);
struct event_t {
    u32 pid;
    u32 saddr;
    u32 daddr;
    u16 dport;
    char comm[16];
};
int trace_connect(struct pt_regs *ctx, struct sock *sk) {
    struct event_t event = {};
    event.pid = bpf_get_current_pid_tgid() >> 32;
    event.saddr = sk->__sk_common.skc_rcv_saddr;
    event.daddr = sk->__sk_common.skc_daddr;
    event.dport = sk->__sk_common.skc_dport;
    bpf_get_current_comm(&event.comm, sizeof(event.comm));
    events.perf_submit(ctx, &event, sizeof(event));
    return 0;
}
'@

Watch-EbpfTrace -Source $program -Attach function:tcp_connect -As @{ saddr = 'IPv4'; daddr = 'IPv4'; dport = 'Port' } -Duration $Duration
