# Start-EbpfProbe: what it refuses, with one error that says why and what to do.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Start-EbpfProbe' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    Context 'what it refuses' {
        It 'no name' {
            $problem = Get-TheError { Start-EbpfProbe }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target Start-EbpfProbe -Message 'No probe was named' -Action 'connect, exec, exit.*open.*Get-EbpfProbe -ListAvailable'
        }

        It 'an unknown name <Typed>, and asks whether <Meant> was meant' -ForEach @(
            @{ Typed = 'exce'; Meant = 'exec' }
            @{ Typed = 'opne'; Meant = 'open' }
            @{ Typed = 'Conect'; Meant = 'connect' }
        ) {
            $problem = Get-TheError { Start-EbpfProbe $Typed }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target $Typed -Message "no probe '$Typed'" -Action "Did you mean '$Meant'\? There are: .*exec"
        }

        It 'an unknown name that is like no other, with the list of all' {
            $problem = Get-TheError { Start-EbpfProbe something-else }
            $problem.ErrorDetails.RecommendedAction | Should -Match '^There are: .*exec'
        }

        It 'a wildcard that no probe matches' {
            $problem = Get-TheError { Start-EbpfProbe 'x*' }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target 'x*' -Message "no probe 'x\*'" -Action 'There are: '
        }

        It 'one known and one unknown name, and starts nothing' {
            $problem = Get-TheError { Start-EbpfProbe exec, opne }
            $problem.TargetObject | Should -Be opne
        }

        It 'a buffer of <Size> bytes, and offers <Near>' -ForEach @(
            @{ Size = 5000; Near = 8192 }
            @{ Size = 100; Near = 4096 }
            @{ Size = 0; Near = 4096 }
            @{ Size = -1; Near = 4096 }
            @{ Size = 3GB; Near = 1GB }
            @{ Size = 2GB; Near = 1GB }
        ) {
            $problem = Get-TheError { Start-EbpfProbe exec -BufferSize $Size }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target $Size -Message "$Size bytes.*power of two" -Action "-BufferSize $Near"
        }

        It 'a user that is not there' {
            $problem = Get-TheError { Start-EbpfProbe exec -UserName no-such-user }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target no-such-user -Message "no user 'no-such-user'" -Action 'getent passwd'
        }

        It 'a cgroup that is not there' -Skip:(-not (Select-String -Quiet -Path /proc/self/mountinfo -Pattern ' - cgroup2 ')) {
            $problem = Get-TheError { Start-EbpfProbe exec -CgroupPath /no/such/cgroup }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target /no/such/cgroup -Message "no cgroup '/no/such/cgroup'" -Action 'Give a path below .*systemd-cgls'
        }

        It 'more than 16 cgroups' {
            $problem = Get-TheError { Start-EbpfProbe exec -CgroupPath (1..17 | ForEach-Object { "/c$_" }) }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target 17 -Message '16 cgroups' -Action 'above them'
        }

        It 'the malformed wildcard <_>' -ForEach '[a', '[]', '[b-' {
            $problem = Get-TheError { Start-EbpfProbe exec -ProcessName $_ }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target $_ -Message "pattern '$([regex]::Escape($_))' can't be used" -Action about_Wildcards
        }

        It 'patterns that are too long together' {
            $problem = Get-TheError { Start-EbpfProbe exec -ProcessName (1..10 | ForEach-Object { "*pattern-$_*" }) }
            $problem.FullyQualifiedErrorId | Should -Be 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand'
        }

        It 'the process number <_>' -ForEach 0, -5 {
            $problem = Get-TheError { Start-EbpfProbe exec -ProcessId $_ }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target $_ -Message '1 or more' -Action Get-Process
        }

        It 'a process that is not there' {
            $problem = Get-TheError { Start-EbpfProbe exec -ProcessId ([int]::MaxValue) }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category ObjectNotFound -Target ([int]::MaxValue) -Message "no process $([int]::MaxValue)" -Action Get-Process
        }

        It 'arguments of <_> bytes' -ForEach -1, 131073 {
            $problem = Get-TheError { Start-EbpfProbe exec -MaxArgumentLength $_ }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target $_ -Message "$_ bytes" -Action '0 to 131072'
        }

        It 'an option that means nothing to the probe: -<Option>' -ForEach @(
            @{ Parameter = @{ Name = 'exec'; MinimumDuration = 1 }; Option = 'MinimumDuration'; Of = 'open' }
            @{ Parameter = @{ Name = 'open'; MaxArgumentLength = 1 }; Option = 'MaxArgumentLength'; Of = 'exec' }
        ) {
            $problem = Get-TheError { Start-EbpfProbe @Parameter }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target $Option -Message "-$Option means nothing to $($Parameter.Name)" -Action "option of: .*$Of"
        }

        It 'the time <_>' -ForEach 'soon', '10 parsecs', '-1', '', '1e30h' {
            $problem = Get-TheError { Start-EbpfProbe open -MinimumDuration $_ }
            $problem.FullyQualifiedErrorId | Should -Be 'ParameterArgumentTransformationError,EbpfPs.Cmdlets.StartEbpfProbeCommand'
            $problem.Exception.Message | Should -Match 'is not a time. Use seconds'
        }

        It 'a negative TimeSpan' {
            $problem = Get-TheError { Start-EbpfProbe open -MinimumDuration ([timespan]::FromSeconds(-1)) }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.StartEbpfProbeCommand' -Category InvalidArgument -Target ([timespan]::FromSeconds(-1)) -Message 'negative' -Action 'zero or more'
        }

        It 'a -LossAction that there is not' {
            (Get-TheError { Start-EbpfProbe exec -LossAction Panic }).FullyQualifiedErrorId | Should -Be 'CannotConvertArgumentNoMessage,EbpfPs.Cmdlets.StartEbpfProbeCommand'
        }
    }
}
