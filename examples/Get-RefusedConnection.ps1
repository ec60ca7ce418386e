<#
.SYNOPSIS
Which connections fail, and why? A service that is down, a firewall that drops.
.EXAMPLE
./Get-RefusedConnection.ps1 -Duration 60
#>
param([object] $Duration = 10)

Watch-EbpfTrace connect -Duration $Duration |
    Where-Object ErrorNumber -ne 0 |
    Group-Object ProcessName, RemoteAddress, RemotePort, ErrorName |
    Sort-Object Count -Descending |
    ForEach-Object {
        [pscustomobject]@{
            Count = $_.Count
            ProcessName = $_.Group[0].ProcessName
            Remote = "$($_.Group[0].RemoteAddress):$($_.Group[0].RemotePort)"
            ErrorName = $_.Group[0].ErrorName
        }
    }
