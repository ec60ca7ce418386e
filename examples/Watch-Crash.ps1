<#
.SYNOPSIS
Which processes are killed or crash? Also those that nobody's log mentions.
.EXAMPLE
./Watch-Crash.ps1 -Duration 3600 | Export-Csv crashes.csv
#>
param([object] $Duration = 10)

Watch-EbpfTrace exit -Duration $Duration |
    Where-Object Signal -ne 0 |
    Select-Object Time, UserName, ProcessName, ProcessId, SignalName, CoreDumped, Lifetime
