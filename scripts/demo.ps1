# The part of demo.sh that needs PowerShell.
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../output/EbpfPs"

# Without a terminal there is no width to ask for, and no colour.
$width = 100
if ([Console]::IsOutputRedirected) { $PSStyle.OutputRendering = 'PlainText' } else { $width = [Console]::WindowWidth }

function Show([string] $Command) { Write-Host "PS> $Command" -ForegroundColor Cyan }

Show 'Import-Module ./output/EbpfPs'
Show '$probe = Start-EbpfProbe exec, open'
$probe = Start-EbpfProbe exec, open
Show '$probe | Watch-EbpfTrace -Duration 5'
$probe | Watch-EbpfTrace -Duration 5 | Out-String -Stream -Width $width
Show '$probe | Stop-EbpfProbe'
$probe | Stop-EbpfProbe | Format-List | Out-String -Stream -Width $width
