# What the commands say of each kind of loss. The numbers themselves are tested in tests/kernel (LossTests, LossKindTests);
# a full ring also in the files of the commands.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # A shell that runs one of tests/workloads, which waits for a line itself.
    function Start-LossWorkload([string] $Name, [string[]] $Argument) {
        Start-GatedShell pst-loss 'echo | "$@"' -Argument (@(Get-Workload $Name) + $Argument)
    }

    # A watch of a workload that is stopped when that has ended; with what the session counted.
    function Watch-Workload([string] $Name, [string[]] $Argument, [hashtable] $Parameter) {
        $shell = Start-LossWorkload $Name $Argument
        $all = $Parameter + @{ ProcessId = $shell.Id; IncludeChild = $true }
        $pipeline = Start-Pipeline -Sessions 1 -Parameter @{ All = $all } { param($All) Watch-EbpfTrace @All }
        Complete-GatedShell $shell
        $result = Complete-Pipeline $pipeline
        $result | Add-Member Loss $pipeline.Sessions[0].Loss -PassThru
    }
}

Describe 'MapFull' {
    BeforeAll {
        # Each name under which a call is made takes a place in the histogram, and there is not room for so many.
        $names = 20000
        $histogram = @{ Name = 'latency'; Syscall = 'getppid'; MinimumDuration = '1h' }
    }

    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'is in one warning of the watch, with the remedy' {
        $result = Watch-Workload renaming $names $histogram
        $result.Loss.MapFull | Should -BeGreaterThan 1000
        $result.Loss.MapFull | Should -BeLessThan $names
        $result.Loss.RingFull | Should -Be 0
        $result.Error | Should -BeNullOrEmpty
        $result.Warning.Count | Should -Be 1
        $result.Warning[0] | Should -Match "^latency: $($result.Loss.Lost) events were lost \(MapFull $($result.Loss.MapFull)\b.*\); 0 were produced and 0 delivered\."
        $result.Warning[0] | Should -Match 'a filter such as -ProcessName'
        $result.Warning[0] | Should -Not -Match '-BufferSize' -Because 'a larger ring would not help'
    }

    It 'ends a watch with -LossAction Stop, and Ignore says nothing' {
        $result = Watch-Workload renaming $names ($histogram + @{ LossAction = 'Stop' })
        $result.Error.Count | Should -Be 1
        $result.Error[0].FullyQualifiedErrorId | Should -Be 'EbpfPs.EventsLost,EbpfPs.Cmdlets.WatchEbpfTraceCommand'
        $result.Error[0].Exception.Message | Should -Match 'MapFull \d+'
        $result.Error[0].TargetObject.MapFull | Should -BeGreaterThan 0
        $result.Warning | Should -BeNullOrEmpty

        $result = Watch-Workload renaming $names ($histogram + @{ LossAction = 'Ignore' })
        $result.Loss.MapFull | Should -BeGreaterThan 1000
        $result.Error | Should -BeNullOrEmpty
        $result.Warning | Should -BeNullOrEmpty
    }

    It 'is in what Stop-EbpfProbe returns; <Teller> tells it once as -LossAction <Action> says' -ForEach @(
        foreach ($teller in 'Receive-EbpfEvent', 'Stop-EbpfProbe') {
            @{ Teller = $teller; Action = 'Warn'; WarningCount = 1; ErrorCount = 0 }
            @{ Teller = $teller; Action = 'Ignore'; WarningCount = 0; ErrorCount = 0 }
            @{ Teller = $teller; Action = 'Stop'; WarningCount = 0; ErrorCount = 1 }
        }
    ) {
        $shell = Start-LossWorkload renaming $names
        $session = Start-EbpfProbe @histogram -ProcessId $shell.Id -IncludeChild -LossAction $Action
        Complete-GatedShell $shell
        $quiet = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = '+problems'; WarningAction = 'SilentlyContinue'; WarningVariable = '+warnings' }
        $problems = [System.Collections.ArrayList]::new()
        $warnings = [System.Collections.ArrayList]::new()
        if ($Teller -eq 'Receive-EbpfEvent') {
            Receive-EbpfEvent $session @quiet | Should -BeNullOrEmpty
        }

        $loss = Stop-EbpfProbe $session @quiet
        $loss.MapFull | Should -BeGreaterThan 1000
        $loss.Lost | Should -BeGreaterOrEqual $loss.MapFull
        @($warnings).Count | Should -Be $WarningCount
        @($problems).Count | Should -Be $ErrorCount
        foreach ($problem in $problems) {
            $problem.FullyQualifiedErrorId | Should -BeLike "EbpfPs.EventsLost,EbpfPs.Cmdlets.$($Teller.Replace('-', ''))Command"
        }

        @($warnings) + @($problems) | ForEach-Object { "$_" | Should -Match "MapFull $($loss.MapFull)" }
    }
}

Describe 'Missed' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'is in one warning of the watch, with the remedy' {
        # A collision is a matter of chance.
        for ($i = 0; $i -lt 10; $i++) {
            $result = Watch-Workload colliding 1000 @{ Name = 'connect'; BufferSize = 256MB }
            if ($result.Loss.Missed -gt 0) { break }
        }

        $result.Loss.Missed | Should -BeGreaterThan 0
        $result.Error | Should -BeNullOrEmpty
        $result.Warning.Count | Should -Be 1
        $result.Warning[0] | Should -BeLike "connect: $($result.Loss.Lost) events were lost (*Missed $($result.Loss.Missed)*"
        $result.Warning[0] | Should -Match 'skipped runs of the programs.*try a filter'
    }
}

Describe 'Truncated' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'is no loss: it is counted, said by the event, and nobody warns' {
        $shell = Start-LossWorkload execing 'long', '/bin/true', '1', '5000'
        $session = Start-EbpfProbe exec -ProcessId $shell.Id -IncludeChild -MaxArgumentLength 100
        Complete-GatedShell $shell
        $seen = @($session | Watch-EbpfTrace -Duration 0 3>&1)
        $loss = Stop-EbpfProbe $session
        @($seen | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }) | Should -BeNullOrEmpty
        $cut = @($seen | Where-Object Truncated)
        @($cut.FileName) | Should -Contain '/bin/true'
        $loss.Truncated | Should -Be $cut.Count
        $loss.Lost | Should -Be 0
    }
}

Describe 'RingFull' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'of a pipeline that is too slow is in one warning, with a larger buffer and a filter as remedies' {
        $shell = Start-GatedShell pst-loss (Get-OpenLoop 3000)
        $pipeline = Start-Pipeline -Sessions 1 -Parameter @{ Id = $shell.Id } {
            param($Id)
            Watch-EbpfTrace open -ProcessId $Id -BufferSize 8KB | ForEach-Object { Start-Sleep -Milliseconds 2; $_ }
        }
        Complete-GatedShell $shell
        $result = Complete-Pipeline $pipeline
        $loss = $pipeline.Sessions[0].Loss
        $loss.RingFull | Should -BeGreaterThan 1000
        $loss.Delivered + $loss.RingFull | Should -Be $loss.Produced
        $result.Output.Count | Should -Be $loss.Delivered
        $result.Warning.Count | Should -Be 1
        $result.Warning[0] | Should -Match "\(RingFull $($loss.RingFull)\).*-BufferSize 32KB.*a filter such as -ProcessName"
    }
}
