<#
.SYNOPSIS
What does a command really do? Everything that it and its children execute and open.
.EXAMPLE
./Watch-Command.ps1 'make -n' | Where-Object Probe -eq exec
#>
param([Parameter(Mandatory)] [string] $Command)

# The shell waits for a line, so that its pid is known before anything happens.
$start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
$start.ArgumentList.Add('-c')
$start.ArgumentList.Add("read -r go; exec /bin/sh -c `"`$0`"")
$start.ArgumentList.Add($Command)
$start.RedirectStandardInput = $true
$start.RedirectStandardOutput = $true
$shell = [Diagnostics.Process]::Start($start)
$session = Start-EbpfProbe exec, open -ProcessId $shell.Id -IncludeChild
try {
    $shell.StandardInput.WriteLine()
    [void] $shell.StandardOutput.ReadToEnd()
    $shell.WaitForExit()
    $session | Receive-EbpfEvent
} finally {
    $loss = $session | Stop-EbpfProbe
    if ($loss.Lost) { Write-Warning "$($loss.Lost) events were lost." }
}
