# Watches one probe into one end of a pipeline until Ctrl+C, then writes the loss report to the error stream.
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Probe,
    [ValidateSet('Out-Null', 'Where-Object', 'Export-Csv')] [string] $Sink = 'Out-Null',
    [long] $BufferSize = 8MB,
    [AllowEmptyString()] [string] $Csv
)
$ErrorActionPreference = 'Stop'
Import-Module $Module
$session = Start-EbpfProbe $Probe -BufferSize $BufferSize
try {
    switch ($Sink) {
        'Out-Null' { $session | Watch-EbpfTrace -LossAction Ignore | Out-Null }
        'Where-Object' { $session | Watch-EbpfTrace -LossAction Ignore | Where-Object { $_.ProcessName -eq 'nobody' } }
        'Export-Csv' { $session | Watch-EbpfTrace -LossAction Ignore | Export-Csv $Csv }
    }
} finally {
    [Console]::Error.WriteLine(($session | Stop-EbpfProbe | ConvertTo-Json -Compress))
}
