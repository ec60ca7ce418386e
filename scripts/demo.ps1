# The part of demo.sh that needs PowerShell.
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../output/EbpfPs"

# Without a terminal there is no width to ask for, and no colour.
$width = 100
if ([Console]::IsOutputRedirected) { $PSStyle.OutputRendering = 'PlainText' } else { $width = [Console]::WindowWidth }

function Show([string] $Command) { Write-Host "PS> $Command" -ForegroundColor Cyan }

# Text from the kernel may hold anything: nothing of it may drive the terminal.
filter Get-Subject {
    $text = if ($_.Probe -eq 'exec' -and -not $_.ErrorNumber) { $_.CommandLine } else { $_.FileName }
    [EbpfPs.Events.TerminalText]::Escape($text)
}

$columns = @(
    @{ Name = 'Time'; Expression = { $_.Time.ToString('HH:mm:ss.fff') }; Width = 12 }
    @{ Name = 'Probe'; Expression = 'Probe'; Width = 5 }
    @{ Name = 'ProcessId'; Expression = 'ProcessId'; Width = 9 }
    @{ Name = 'UserName'; Expression = 'UserName'; Width = 8 }
    @{ Name = 'ProcessName'; Expression = { [EbpfPs.Events.TerminalText]::Escape($_.ProcessName) }; Width = 15 }
    @{ Name = 'Error'; Expression = 'ErrorName'; Width = 7 }
    @{ Name = 'CommandLine or FileName'; Expression = { $_ | Get-Subject }; Width = 38 }
)

Show 'Import-Module ./output/EbpfPs'
Show '$probe = Start-EbpfProbe exec, open'
$probe = Start-EbpfProbe exec, open
Show '$probe | Watch-EbpfTrace -Duration 5 | Format-Table ...'
$probe | Watch-EbpfTrace -Duration 5 | Format-Table $columns | Out-String -Stream -Width $width
Show '$probe | Stop-EbpfProbe'
$probe | Stop-EbpfProbe | Format-List
