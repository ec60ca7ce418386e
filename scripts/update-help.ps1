<#
.SYNOPSIS
Makes the help that Get-Help reads (MAML, about_*.help.txt) from the pages in en-US/. Needs platyPS 0.14.
.PARAMETER OutputPath
Where to write it; en-US/ itself, where it is committed.
#>
param([string] $OutputPath = "$PSScriptRoot/../en-US")

$ErrorActionPreference = 'Stop'
Import-Module platyPS -MinimumVersion 0.14.0 -MaximumVersion 0.99
New-ExternalHelp -Path "$PSScriptRoot/../en-US" -OutputPath $OutputPath -Force
