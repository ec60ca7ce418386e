# scripts/setup.sh, what demo.sh and test.sh begin with: that it says what went wrong, whatever that was.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # Runs commands after setup.sh in a folder of its own, as its users do; returns what it says, then the exit code.
    function Invoke-Setup([string] $Commands, [string[]] $Launcher = @()) {
        $line = @($Launcher) + @('bash', '-c', "cd '$folder'; set -euo pipefail; . ./setup.sh; $Commands")
        $said = & $line[0] @($line | Select-Object -Skip 1) 2>&1 | ForEach-Object { "$_" }
        ($said -join "`n"), $LASTEXITCODE
    }
}

Describe 'setup.sh' {
    BeforeEach {
        $folder = "/tmp/ebpfps-setup-$(New-Guid)"
        $null = [IO.Directory]::CreateDirectory("$folder/output/logs")
        [IO.File]::Copy("$repoRoot/scripts/setup.sh", "$folder/setup.sh")
        chmod -R a+rX $folder
    }
    AfterEach { [IO.Directory]::Delete($folder, $true) }

    It 'says that the build failed: <Output>' -ForEach @(
        @{ Output = 'nothing that looks like an error'; Shows = 'nothing that looks' }
        @{ Output = 'x.cs(1,2): error CS1002: ; expected'; Shows = 'CS1002' }
    ) {
        $said, $code = Invoke-Setup "dotnet() { echo '$Output'; return 1; }; build"
        $said | Should -Match 'the build failed \(all of its output: output/logs/build.log\)'
        $said | Should -Match $Shows
        $code | Should -Be 1
    }

    It 'says that a build with more errors than are shown failed' {
        $said, $code = Invoke-Setup 'dotnet() { for i in $(seq 20000); do echo "x.cs($i): error CS1002: ; expected"; done; return 1; }; build'
        $said | Should -Match 'the build failed'
        $code | Should -Be 1
    }

    It 'says that output/ belongs to somebody else' {
        $said, $code = Invoke-Setup -Launcher setpriv, --reuid=65534, --regid=65534, --clear-groups 'setup demo'
        $said | Should -Match "output/ can't be written: it belongs to root"
        $code | Should -Be 1
    }
}
