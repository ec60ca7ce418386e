<#
.SYNOPSIS
Which opens take long? A network file system that hangs, a FIFO that nobody writes to.
.EXAMPLE
./Watch-SlowOpen.ps1 -MinimumDuration 50ms
#>
param([object] $MinimumDuration = '10ms', [object] $Duration = 10)

Watch-EbpfTrace open -MinimumDuration $MinimumDuration -Duration $Duration |
    Select-Object Time, ProcessName, ProcessId, Duration, FileName
