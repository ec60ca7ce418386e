<#
.SYNOPSIS
Who connects where? Every outbound TCP connection, IPv4 and IPv6, with its outcome.
.EXAMPLE
./Watch-TcpConnect.ps1

ProcessId ProcessName LocalAddress RemoteAddress RemotePort ErrorName
--------- ----------- ------------ ------------- ---------- ---------
     5120 curl        10.0.0.5     192.0.2.10           443
     5133 psql        127.0.0.1    127.0.0.1           5432 ECONNREFUSED
#>
param([object] $Duration = 10)

Watch-EbpfTrace connect -Duration $Duration |
    Where-Object Action -eq Connect |
    Select-Object ProcessId, ProcessName, LocalAddress, RemoteAddress, RemotePort, ErrorName
