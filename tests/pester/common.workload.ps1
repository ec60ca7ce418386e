# Known events: small programs under names of the test's own, so that the rest of the machine stays out of the way.

# A copy of a program under another name, which becomes the process's name (comm, 15 bytes).
function New-Tool {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [string] $Source = '/bin/true'
    )

    $from = (Get-Item -LiteralPath $Source).ResolveLinkTarget($true)?.FullName ?? $Source
    $to = Join-Path $TestDrive $Name

    # Not over the old file: a process may still run it.
    [IO.File]::Delete($to)
    [IO.File]::Copy($from, $to)
    $to
}

# A shell under a name of its own that has been started, and does nothing until it is told to go on. In the script $0 is
# the shell's own file, $1 the first argument.
function Start-GatedShell {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Script,
        [string[]] $Before = @(),
        [string[]] $Argument = @()
    )

    $shell = New-Tool $Name /bin/sh
    $command = @($Before) + @($shell, '-c', "echo ready; read go; $Script", $shell) + $Argument
    $start = [Diagnostics.ProcessStartInfo]::new($command[0])
    $command[1..($command.Count - 1)] | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardOutput.ReadLine() | Should -Be 'ready' -Because 'the shell must run'
    $process
}

# Lets a gated shell go on, and waits for its end.
function Complete-GatedShell([Diagnostics.Process] $Process) {
    $Process.StandardInput.WriteLine('go')
    $Process.WaitForExit(60000) | Should -BeTrue -Because 'a workload must end'
    $Process.Dispose()
}

# Ends a process that still runs.
function Stop-Workload([Diagnostics.Process] $Process) {
    $Process.Kill()
    $Process.WaitForExit()
    $Process.Dispose()
}

# As many opens of /dev/null as are asked for, as fast as a shell can; without a number until it is stopped.
function Get-OpenLoop([int] $Count) {
    $test = $Count ? "[ `$i -lt $Count ]" : ':'
    "i=0; while $test; do : </dev/null; i=`$((i+1)); done"
}
