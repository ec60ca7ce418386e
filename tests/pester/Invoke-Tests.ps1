<#
.SYNOPSIS
Runs the Pester suite and writes its results for test.sh.
.DESCRIPTION
Writes one line for each test: outcome (Passed, Failed, Skipped), name and message, parted by tabs. Exit codes: 0 all is
well, 1 something failed, 3 Pester 5 could not be had.
.PARAMETER Result
The file to write; none when it is not given.
.PARAMETER Path
Run these test files only.
.EXAMPLE
./tests/pester/Invoke-Tests.ps1 -Path ./tests/pester/Exec.Tests.ps1
#>
param(
    [string] $Result,
    [string[]] $Path = $PSScriptRoot
)

$ErrorActionPreference = 'Stop'
$tools = [System.IO.Path]::GetFullPath("$PSScriptRoot/../../output/tools/modules")
$env:PSModulePath = $tools + [System.IO.Path]::PathSeparator + $env:PSModulePath

function Test-Pester {
    [bool](Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 })
}

if (-not (Test-Pester)) {
    Write-Host 'Pester 5 is not installed; trying the PowerShell Gallery.'
    $null = New-Item -ItemType Directory -Force $tools
    $job = Start-Job { Save-PSResource Pester -Version '[5.5.0,6.0.0)' -Path $using:tools -Repository PSGallery -TrustRepository }
    $null = Wait-Job $job -Timeout 120
    Receive-Job $job -ErrorAction Continue
    Remove-Job $job -Force
    if (-not (Test-Pester)) {
        exit 3
    }
}

Import-Module Pester -MinimumVersion 5.0 -MaximumVersion 5.99
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = if ([Console]::IsOutputRedirected) { 'Plaintext' } else { 'Auto' }
$run = Invoke-Pester -Configuration $configuration

function Write-Line([string] $Outcome, [string] $Name, [object[]] $Message) {
    $text = ($Message | ForEach-Object { "$_" }) -join ' '
    $Outcome, $Name, $text | ForEach-Object { $_ -replace '[\x00-\x1f\x7f]+', ' ' } | Join-String -Separator "`t"
}

function Get-FileName([string] $Path) { [System.IO.Path]::GetFileName($Path) -replace '\.Tests\.ps1$' }

$lines = @(
    # Each name begins with that of its file.
    foreach ($test in $run.Tests) {
        $outcome = switch ($test.Result) {
            'Passed' { 'Passed' }
            { $_ -in 'Skipped', 'Inconclusive', 'NotRun' } { 'Skipped' }
            default { 'Failed' }
        }
        Write-Line $outcome "$(Get-FileName $test.ScriptBlock.File) $($test.ExpandedPath)" $test.ErrorRecord
    }
    foreach ($container in $run.FailedContainers) {
        Write-Line 'Failed' "$(Get-FileName $container.Item) (the file)" $container.ErrorRecord
    }
    foreach ($block in $run.FailedBlocks) {
        Write-Line 'Failed' "$(Get-FileName $block.BlockContainer.Item) $($block.ExpandedPath) (set-up or tear-down)" $block.ErrorRecord
    }
)

if ($Result) {
    Set-Content -LiteralPath $Result -Value $lines -Encoding utf8NoBOM
}

exit [int]($run.Result -ne 'Passed')
