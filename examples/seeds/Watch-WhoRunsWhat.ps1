<#
.SYNOPSIS
Who is running what? The process number and name behind every execve.
.EXAMPLE
./Watch-WhoRunsWhat.ps1

ProcessId ProcessName FileName
--------- ----------- --------
     4822 ls          /usr/bin/ls
     4823 python3     /usr/bin/python3
#>
param([object] $Duration = 10)

Watch-EbpfTrace exec -Duration $Duration | Select-Object ProcessId, ProcessName, FileName
