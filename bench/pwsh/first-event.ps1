# Milliseconds from Watch-EbpfTrace exec to its first event, in a shell that has done it before: one line each.
param(
    [Parameter(Mandatory)] [string] $Module,
    [int] $Repeat = 5
)
$ErrorActionPreference = 'Stop'
Import-Module $Module
for ($i = -1; $i -lt $Repeat; $i++) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    Watch-EbpfTrace exec -MaxEvents 1 | ForEach-Object { $taken = $clock.Elapsed.TotalMilliseconds }
    if ($i -ge 0) { $taken.ToString([cultureinfo]::InvariantCulture) }
}
