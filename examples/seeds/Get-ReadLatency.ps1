<#
.SYNOPSIS
How long do reads take? A histogram of read(), made in the kernel, for each process name.
.EXAMPLE
./Get-ReadLatency.ps1 -Duration 10
.EXAMPLE
./Get-ReadLatency.ps1 | Sort-Object P99 -Descending | Select-Object ProcessName, Count, P50, P99, Max
#>
param([string[]] $Syscall = 'read', [object] $Duration = 10)

$session = Start-EbpfProbe latency -Syscall $Syscall
try {
    # Slow reads are events too, which nobody wants here.
    $session | Watch-EbpfTrace -Duration $Duration | Out-Null
    $session | Get-EbpfMapEntry -Name hist
} finally {
    [void] ($session | Stop-EbpfProbe)
}
