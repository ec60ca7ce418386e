<#
.SYNOPSIS
Which programs can't be found or run? A script that looks for a tool in every folder of PATH shows up here.
.EXAMPLE
./Get-FailedExec.ps1 -Duration 60
#>
param([object] $Duration = 10)

Watch-EbpfTrace exec -Duration $Duration |
    Where-Object ErrorNumber -ne 0 |
    Group-Object ProcessName, FileName, ErrorName -NoElement |
    Sort-Object Count -Descending |
    Select-Object Count, Name
