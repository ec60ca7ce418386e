# Arguments that a script's mistake makes: lists that are empty, $null, malformed wildcards, a session where a process is
# wanted. None may trace the whole machine, and none may end in an exception of .NET's.

BeforeDiscovery {
    $filters = 'ProcessId', 'ProcessName', 'UserId', 'UserName', 'CgroupPath', 'Syscall'
    $commands = @(
        @{ Command = 'Watch-EbpfTrace'; Parameter = 'Name' }
        @{ Command = 'Start-EbpfProbe'; Parameter = 'Name' }
        @{ Command = 'Get-EbpfProbe'; Parameter = 'Name' }
        @{ Command = 'Get-EbpfProbe -ListAvailable'; Parameter = 'Name' }
        @{ Command = 'Stop-EbpfProbe'; Parameter = 'Name' }
        @{ Command = 'Receive-EbpfEvent'; Parameter = 'Name' }
        @{ Command = 'Test-EbpfSupport'; Parameter = 'Name' }
        @{ Command = 'Get-EbpfMap'; Parameter = 'Name' }
        @{ Command = 'Get-EbpfMapEntry'; Parameter = 'Name' }
    )
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # What the binder says to a value that can't be.
    $refusals = 'ParameterArgumentValidationError', 'ParameterArgumentValidationErrorNullNotAllowed', 'ParameterArgumentTransformationError'
    function Assert-Refusal([scriptblock] $Command) {
        $problem = Get-TheError $Command
        $problem.FullyQualifiedErrorId.Split(',')[0] | Should -BeIn $refusals
        $problem.CategoryInfo.Category | Should -Be InvalidData
    }
}

Describe 'A filter that names nothing' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It '-<_> @() is an error of Watch-EbpfTrace, and not a trace of everything' -ForEach $filters {
        $filter = @{ $_ = @() }
        $problem = Get-TheError { Watch-EbpfTrace latency -Duration 0.1 @filter }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category InvalidArgument -Target $_ -Message "-$_ was given and names nothing" -Action "leave -$_ out"
    }

    It '-<_> @() is an error of Start-EbpfProbe' -ForEach $filters {
        $filter = @{ $_ = @() }
        (Get-TheError { Start-EbpfProbe latency @filter }).FullyQualifiedErrorId | Should -Be 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand'
    }

    It '-<_> with an empty name is an error' -ForEach 'ProcessName', 'UserName', 'CgroupPath', 'Syscall' {
        $filter = @{ $_ = @('x', '') }
        $problem = Get-TheError { Watch-EbpfTrace latency -Duration 0.1 @filter }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category InvalidArgument -Target $_ -Message "-$_ was given an empty name" -Action 'Name something'
    }
}

Describe 'Nothing instead of a value' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It '$null is refused by -<_>' -ForEach $filters {
        $filter = @{ $_ = $null }
        Assert-Refusal { Watch-EbpfTrace latency -Duration 0.1 @filter }
    }

    It '$null is refused among the values of -<_>' -ForEach 'ProcessName', 'UserId', 'UserName', 'CgroupPath', 'Syscall' {
        # As a number $null would be 0: of -UserId, root.
        $filter = @{ $_ = @(1, $null) }
        Assert-Refusal { Watch-EbpfTrace latency -Duration 0.1 @filter }
    }

    It '$null is refused among the values of -ProcessId' {
        $problem = Get-TheError { Watch-EbpfTrace exec -Duration 0.1 -ProcessId 1, $null }
        Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.WatchEbpfTraceCommand' -Category InvalidArgument -Target 0 -Message '1 or more' -Action Get-Process
    }

    It '<Command> -<Parameter> refuses $null' -ForEach $commands {
        Assert-Refusal ([scriptblock]::Create("$Command -$Parameter `$null"))
        Assert-Refusal ([scriptblock]::Create("$Command -$Parameter x, `$null"))
    }

    It '<Command> -InputObject refuses $null' -ForEach @(
        @{ Command = 'Watch-EbpfTrace' }, @{ Command = 'Stop-EbpfProbe' }, @{ Command = 'Receive-EbpfEvent' }
        @{ Command = 'Get-EbpfMap' }, @{ Command = 'Get-EbpfMapEntry hist' }
    ) {
        Assert-Refusal ([scriptblock]::Create("$Command -InputObject `$null"))
        Assert-Refusal ([scriptblock]::Create("`$null | $Command"))
    }

    It '<_> refuses an empty list of names, rather than to take all' -ForEach 'Get-EbpfProbe', 'Get-EbpfProbe -ListAvailable', 'Test-EbpfSupport' {
        Assert-Refusal ([scriptblock]::Create("$_ -Name @()"))
    }
}

Describe 'A malformed wildcard' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'is an error of <Command>, whether anything runs or not' -ForEach $commands {
        $line = [scriptblock]::Create("$Command -$Parameter '[ex'")
        $ofNothing = Get-TheError $line
        $session = Start-EbpfProbe exit
        $ofSession = Get-TheError $line
        Stop-EbpfProbe $session | Out-Null
        foreach ($problem in $ofNothing, $ofSession) {
            $problem.FullyQualifiedErrorId | Should -BeLike 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.*'
            $problem.CategoryInfo.Category | Should -Be InvalidArgument
            $problem.ToString() | Should -Match '\[ex'
            $problem.ErrorDetails.RecommendedAction | Should -Match about_Wildcards
        }
    }

    It 'offers nothing at Tab, and is no error there' {
        $global:Error.Clear()
        @(Get-Completion "Watch-EbpfTrace '[ex" | Where-Object ResultType -EQ ParameterValue) | Should -BeNullOrEmpty
        $global:Error.Count | Should -Be 0
    }
}

Describe 'A session' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'is no process to <_>' -ForEach 'Start-EbpfProbe open', 'Watch-EbpfTrace open -Duration 0.1' {
        $session = Start-EbpfProbe exit
        $problem = Get-TheError ([scriptblock]::Create("`$session | $_"))
        Stop-EbpfProbe $session | Out-Null
        $problem.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        $problem.ToString() | Should -Match "Session $($session.Id) \(exit\) is no process. To stream a session, name no probe"
    }

    It 'is no process, nor are maps, programs and links: <_>' -ForEach 'Get-EbpfMap', 'Get-EbpfProgram', 'Get-EbpfLink' {
        $session = Start-EbpfProbe exit -ProcessName no-such-process
        $one = & $_ | Select-Object -First 1
        Stop-EbpfProbe $session | Out-Null
        (Get-TheError { $one | Start-EbpfProbe open }).ToString() | Should -Match 'is no process'
    }

    It 'is bound by its number from the pipeline: <_>' -ForEach '$session.Id', '$session | Select-Object Id', '"$($session.Id)"' {
        $session = Start-EbpfProbe exit -ProcessName no-such-process
        $carried = & ([scriptblock]::Create($_))
        ($carried | Get-EbpfProbe).Id | Should -Be $session.Id
        $carried | Receive-EbpfEvent | Should -BeNullOrEmpty
        ($carried | Stop-EbpfProbe).Name | Should -Be exit
    }

    It 'is found by a number at position 0' {
        $session = Start-EbpfProbe exit -ProcessName no-such-process
        (Get-EbpfProbe $session.Id).Id | Should -Be $session.Id
        Receive-EbpfEvent $session.Id | Should -BeNullOrEmpty
        Stop-EbpfProbe $session.Id | Out-Null
    }
}

Describe '-ProcessId of this PowerShell' {
    It 'warns that it is left out, unless it is not' {
        Watch-EbpfTrace open -ProcessId $PID -Duration 0.1 -WarningVariable said -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        @($said) | Should -Match "^Process $PID is this PowerShell itself, which is left out. -IncludeSelf"
        $session = Start-EbpfProbe open -ProcessId $PID -IncludeSelf -WarningVariable said
        $null = [IO.File]::ReadAllText('/proc/version')
        $events = @(Receive-EbpfEvent $session)
        Stop-EbpfProbe $session | Out-Null
        $events.FileName | Should -Contain /proc/version
        $said | Should -BeNullOrEmpty
    }
}
