<#
.SYNOPSIS
Who runs what? Every program that is executed on this machine, as it happens.
.EXAMPLE
./Watch-Program.ps1 -Duration 30
#>
param([object] $Duration = 10)

Watch-EbpfTrace exec -Duration $Duration |
    Select-Object Time, UserName, ParentProcessName, ProcessId, ErrorName, CommandLine
