# Dot-source this in BeforeAll. It imports the built module once, and offers what several files need: in this file
# other processes, in common.*.ps1 known events, pipelines that are stopped from outside, what is left in the kernel.
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$repoRoot = Split-Path (Split-Path $PSScriptRoot)
$modulePath = Join-Path $repoRoot 'output' 'EbpfPs'
$pwshPath = (Get-Process -Id $PID).Path

if (-not (Get-Module EbpfPs)) {
    Import-Module $modulePath -ErrorAction Stop
}

# The full path of one of tests/workloads, which the build of tests/kernel compiles.
function Get-Workload([string] $Name) {
    $path = Join-Path $repoRoot 'output' 'workloads' $Name
    if (-not (Test-Path $path)) {
        throw "$path is not there: build tests/kernel first."
    }
    $path
}

# Runs a script in another pwsh and returns what it writes. $Launcher is put before it: setpriv, unshare, a workload.
# The script gets the module imported from $Module.
# Whether the kernel was built with an option. Where nothing tells it is taken to be: what needs it has to work then.
function Test-KernelOption([string] $Name) {
    $config = @('/proc/config.gz', "/boot/config-$(uname -r)").Where({ Test-Path $_ }, 'First')
    -not $config -or (zcat -f $config) -contains "$Name=y"
}

function Invoke-OtherPwsh([string] $Script, [string[]] $Launcher = @(), [string] $Module = $modulePath) {
    $text = "`$ProgressPreference = 'SilentlyContinue'; Import-Module '$Module' -ErrorAction Stop; & { $Script } | ConvertTo-Json -Depth 4 -Compress"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
    $line = @($Launcher) + @($pwshPath, '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text', '-EncodedCommand', $encoded)
    $rest = @($line | Select-Object -Skip 1)
    $output = & $line[0] @rest
    if ($LASTEXITCODE -ne 0) {
        throw "'$($Launcher -join ' ') pwsh' ended with $LASTEXITCODE`: $output"
    }
    try {
        $output | ConvertFrom-Json
    }
    catch {
        throw "'$($Launcher -join ' ') pwsh' wrote no JSON, but: $output"
    }
}

. $PSScriptRoot/common.kernel.ps1
. $PSScriptRoot/common.pipeline.ps1
. $PSScriptRoot/common.workload.ps1
. $PSScriptRoot/common.assert.ps1
