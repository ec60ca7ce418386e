<#
.SYNOPSIS
Who opens these files? An audit of /etc/passwd, /etc/shadow or whatever is named, by full path.
.EXAMPLE
./Watch-SensitiveFile.ps1 -Path /etc/shadow, /etc/sudoers -Duration 300 | Export-Csv audit.csv
#>
param([string[]] $Path = @('/etc/passwd', '/etc/shadow'), [object] $Duration = 10)

Watch-EbpfTrace open -Duration $Duration |
    Where-Object FileName -in $Path |
    Select-Object Time, UserName, ProcessName, ProcessId, FileName, Flags, ErrorName
