<#
.SYNOPSIS
Which files does a program look for in vain? Configuration and libraries that are searched in many places.
.EXAMPLE
./Get-MissingFile.ps1 -ProcessName nginx
#>
param([string[]] $ProcessName = '*', [object] $Duration = 10)

Watch-EbpfTrace open -ProcessName $ProcessName -Duration $Duration |
    Where-Object ErrorName -eq ENOENT |
    Group-Object ProcessName, FileName |
    Sort-Object Count -Descending |
    ForEach-Object {
        [pscustomobject]@{
            Count = $_.Count
            ProcessName = $_.Group[0].ProcessName
            FileName = $_.Group[0].FileName
        }
    }
