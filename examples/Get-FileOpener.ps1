<#
.SYNOPSIS
Which processes open the most files, and how long do they wait for it?
.EXAMPLE
./Get-FileOpener.ps1 -Duration 30 | Select-Object -First 10
#>
param([object] $Duration = 10)

Watch-EbpfTrace open -Duration $Duration |
    Group-Object ProcessName |
    ForEach-Object {
        $took = $_.Group | Measure-Object DurationNs -Sum -Maximum
        [pscustomobject]@{
            ProcessName = $_.Name
            Opens = $_.Count
            Failed = @($_.Group | Where-Object ErrorNumber -ne 0).Count
            TotalMilliseconds = [Math]::Round($took.Sum / 1e6, 3)
            LongestMicroseconds = [Math]::Round($took.Maximum / 1e3, 1)
        }
    } |
    Sort-Object Opens -Descending
