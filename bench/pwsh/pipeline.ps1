# Watches one probe into one end of a pipeline until Ctrl+C, then writes the loss report to the error stream.
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Probe,
    [ValidateSet('Out-Null', 'Where-Object', 'Export-Csv')] [string] $Sink = 'Out-Null',
    [long] $BufferSize = 8MB,
    [AllowEmptyString()] [string] $Csv,
    [string] $Syscall
)
$ErrorActionPreference = 'Stop'
Import-Module $Module
# With a syscall named, its histogram alone is wanted: no call takes an hour.
$more = $Syscall ? @{ Syscall = $Syscall; MinimumDuration = '1:00:00' } : @{}
$session = Start-EbpfProbe $Probe -BufferSize $BufferSize @more
try {
    switch ($Sink) {
        'Out-Null' { $session | Watch-EbpfTrace -LossAction Ignore | Out-Null }
        'Where-Object' { $session | Watch-EbpfTrace -LossAction Ignore | Where-Object { $_.ProcessName -eq 'nobody' } }
        'Export-Csv' { $session | Watch-EbpfTrace -LossAction Ignore | Export-Csv $Csv }
    }
} finally {
    [Console]::Error.WriteLine(($session | Stop-EbpfProbe | ConvertTo-Json -Compress))
}
