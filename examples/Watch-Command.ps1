<#
.SYNOPSIS
What does a command really do? Everything that it and its children execute and open, as it happens; Ctrl+C ends both.
.DESCRIPTION
The command runs in the current folder. What it writes goes to the terminal; of its input it finds the end.
.EXAMPLE
./Watch-Command.ps1 'make -n' | Where-Object Probe -eq exec
#>
param([Parameter(Mandatory)] [string] $Command)

# The shell waits for a line, so that its pid is known before anything happens.
$start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
$start.ArgumentList.Add('-c')
$start.ArgumentList.Add('read -r go; exec /bin/sh -c "$0" </dev/null')
$start.ArgumentList.Add($Command)
$start.WorkingDirectory = $PWD.ProviderPath
$start.RedirectStandardInput = $true
$shell = [Diagnostics.Process]::Start($start)
$session = $null
try {
    $session = Start-EbpfProbe exec, open -ProcessId $shell.Id -IncludeChild
    $shell.StandardInput.WriteLine()
    do {
        $ended = $shell.WaitForExit(0)
        $session | Receive-EbpfEvent -Timeout 100ms
    } until ($ended)
} finally {
    if (-not $shell.HasExited) { $shell.Kill($true) }
    if ($session) { [void] ($session | Stop-EbpfProbe) }
}
