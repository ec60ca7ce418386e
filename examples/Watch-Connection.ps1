<#
.SYNOPSIS
Who talks to whom? TCP connections with what went through them, when they close.
.EXAMPLE
./Watch-Connection.ps1 -Duration 60 | Sort-Object BytesReceived -Descending
#>
param([object] $Duration = 10)

Watch-EbpfTrace connect -Duration $Duration |
    Where-Object Action -eq Close |
    Select-Object Time, ProcessName, ProcessId, LocalAddress, LocalPort, RemoteAddress, RemotePort,
        BytesSent, BytesReceived, Duration
