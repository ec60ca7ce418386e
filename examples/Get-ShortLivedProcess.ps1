<#
.SYNOPSIS
Which processes live so briefly that top never shows them? Shell scripts in a loop are the usual find.
.EXAMPLE
./Get-ShortLivedProcess.ps1 -Below 0:00:00.05 -Duration 60
#>
param([timespan] $Below = '0:00:00.1', [object] $Duration = 10)

Watch-EbpfTrace exit -Duration $Duration |
    Where-Object Lifetime -lt $Below |
    Group-Object ProcessName |
    Sort-Object Count -Descending |
    ForEach-Object {
        [pscustomobject]@{
            Count = $_.Count
            ProcessName = $_.Name
            MeanMilliseconds = [Math]::Round(($_.Group | Measure-Object LifetimeNs -Average).Average / 1e6, 3)
        }
    }
