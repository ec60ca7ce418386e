<#
.SYNOPSIS
The first program of everybody: Hello World! for each execve, in C as bcc takes it.
.EXAMPLE
./Watch-HelloWorld.ps1 -Duration 10

Time             CPU   PID Name  Message
----             ---   --- ----  -------
07:02:11.402135    1  4822 bash  Hello World!
#>
param([object] $Duration = 10)

$program = @'
int hello(void *ctx) {
    bpf_trace_printk("Hello World!");
    return 0;
}
'@

Watch-EbpfTrace -Source $program -Attach syscall:execve -Duration $Duration
