<#
.SYNOPSIS
The project's tasks for people who are in PowerShell. Everything real is in MSBuild and in the scripts that this calls.
.DESCRIPTION
Build    makes output/EbpfPs (the module) and output/agent: the same as dotnet build
Test     ./test.sh: installs what is missing, builds, runs every test that this machine can run
Bench    bench/run.sh: side by side with bpftrace and bcc's libbpf-tools
Demo     ./demo.sh: five seconds of what this machine executes and opens
Package  makes output/packages/*.tar.gz of the module and the agent
Help     makes what Get-Help reads from the pages in en-US/ (needs platyPS)
Clean    deletes everything that a build makes
.PARAMETER Task
What to do.
.EXAMPLE
./build.ps1 -Task Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Bench', 'Demo', 'Package', 'Help', 'Clean')]
    [string] $Task = 'Build'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Push-Location $PSScriptRoot
try {
    switch ($Task) {
        Build { dotnet build EbpfPs.sln -c Release }
        Test { ./test.sh }
        Bench { ./bench/run.sh }
        Demo { ./demo.sh }
        Package { ./scripts/package.sh }
        Help { ./scripts/update-help.ps1 }
        Clean { Get-Item output, src/*/bin, src/*/obj, tests/*/bin, tests/*/obj, bench/*/bin, bench/*/obj -ErrorAction Ignore | Remove-Item -Recurse -Force }
    }
}
finally {
    Pop-Location
}
