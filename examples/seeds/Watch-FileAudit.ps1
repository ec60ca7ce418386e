<#
.SYNOPSIS
Who opens /etc/passwd and /etc/shadow? A lightweight audit, also of attempts that fail.
.EXAMPLE
./Watch-FileAudit.ps1

ProcessId ProcessName UserName FileName    ErrorName
--------- ----------- -------- --------    ---------
     5200 cat         nobody   /etc/shadow EACCES
#>
param([string[]] $Path = @('/etc/passwd', '/etc/shadow'), [object] $Duration = 10)

Watch-EbpfTrace open -Duration $Duration |
    Where-Object FileName -in $Path |
    Select-Object ProcessId, ProcessName, UserName, FileName, ErrorName
