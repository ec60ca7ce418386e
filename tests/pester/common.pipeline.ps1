# Pipelines that run beside the test, each in a runspace of its own, so that they can be stopped as Ctrl+C does.

# Waits for a condition; fails when it does not come.
function Wait-Until {
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Condition,
        [Parameter(Mandatory)] [string] $For,
        [int] $Seconds = 30
    )

    # The condition sees these variables before those of its own test.
    $sinceTheWaitBegan = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($sinceTheWaitBegan.Elapsed.TotalSeconds -gt $Seconds) {
            throw "Waited $Seconds s in vain for $For."
        }

        Start-Sleep -Milliseconds 10
    }
}

# Starts commands in a runspace of their own that has the module, and returns what Complete- and Stop-Pipeline take.
# With -Sessions it waits until so many sessions have been started there.
function Start-Pipeline {
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Command,
        [System.Collections.IDictionary] $Parameter = @{},
        [int] $Sessions
    )

    $before = @(Get-EbpfProbe | ForEach-Object Id)
    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule($modulePath)
    $runspace = [runspacefactory]::CreateRunspace($state)
    $runspace.Open()
    $shell = [powershell]::Create()
    $shell.Runspace = $runspace
    $null = $shell.AddScript($Command.ToString()).AddParameters($Parameter)
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $none.Complete()
    $pipeline = [pscustomobject]@{
        Shell = $shell
        Runspace = $runspace
        Output = $output
        Call = $shell.BeginInvoke($none, $output)
        Sessions = @()
    }
    if ($Sessions) {
        try {
            Wait-Until -For "$Sessions session(s) of: $Command" {
                $pipeline.Sessions = @(Get-EbpfProbe | Where-Object { $_.Id -notin $before -and $_.State -eq 'Running' })
                $pipeline.Sessions.Count -ge $Sessions -or $pipeline.Call.IsCompleted
            }
            if ($pipeline.Sessions.Count -lt $Sessions) {
                throw "It ended before it had a session: $Command. $($pipeline.Shell.Streams.Error)"
            }
        }
        catch {
            Close-Pipeline $pipeline
            throw
        }
    }

    $pipeline
}

# Waits for a pipeline's own end.
function Wait-Pipeline($Pipeline) {
    Wait-Until -For 'the pipeline to end' { $Pipeline.Call.IsCompleted }
}

# Gives back a pipeline's runspace; stops the pipeline first if it runs.
function Close-Pipeline($Pipeline) {
    $Pipeline.Shell.Stop()
    $Pipeline.Shell.Dispose()
    $Pipeline.Runspace.Dispose()
}

# Waits for a pipeline's end and returns what came out, by stream. A terminating error is the last of the errors.
function Complete-Pipeline($Pipeline) {
    try {
        Wait-Pipeline $Pipeline
        $errors = [System.Collections.Generic.List[object]]::new()
        $Pipeline.Shell.Streams.Error.ForEach{ $errors.Add($_) }
        try {
            $null = $Pipeline.Shell.EndInvoke($Pipeline.Call)
        }
        catch [System.Management.Automation.MethodInvocationException] {
            $errors.Add($_.Exception.InnerException.ErrorRecord)
        }

        [pscustomobject]@{
            Output = @($Pipeline.Output)
            Error = $errors.ToArray()
            Warning = @($Pipeline.Shell.Streams.Warning | ForEach-Object Message)
            Verbose = @($Pipeline.Shell.Streams.Verbose | ForEach-Object Message)
        }
    }
    finally {
        Close-Pipeline $Pipeline
    }
}

# The events that a command gives for a workload. 'Start' is Start-EbpfProbe, then Receive-EbpfEvent; 'Watch' is
# Watch-EbpfTrace, which ends when its session is stopped from here, and hands on all that was there by then.
function Get-EventOf {
    param(
        [Parameter(Mandatory)] [ValidateSet('Start', 'Watch')] [string] $How,
        [Parameter(Mandatory)] [hashtable] $Parameter,
        [Parameter(Mandatory)] [scriptblock] $Workload
    )

    if ($How -eq 'Start') {
        $session = Start-EbpfProbe @Parameter
        try {
            & $Workload | Out-Null
            Receive-EbpfEvent $session
        }
        finally {
            $loss = Stop-EbpfProbe $session
            $loss.RingFull | Should -Be 0
        }

        return
    }

    $pipeline = Start-Pipeline -Sessions 1 -Parameter @{ Source = $Parameter } { param($Source) Watch-EbpfTrace @Source }
    try {
        & $Workload | Out-Null
        try {
            Stop-EbpfProbe $pipeline.Sessions | Out-Null
        }
        catch [EbpfPs.EbpfException] {
            # A watch of processes ends by itself when the last of them has ended, which may have been before this.
            if (-not $Parameter.Contains('ProcessId') -or $pipeline.Sessions.State -contains 'Running') { throw }
        }
    }
    catch {
        Close-Pipeline $pipeline
        throw
    }

    $result = Complete-Pipeline $pipeline
    $result.Error | Should -BeNullOrEmpty
    $result.Output
}
