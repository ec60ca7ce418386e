# Get-EbpfProbe: the sessions that run, and the catalogue of probes.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Get-EbpfProbe' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'gives nothing where nothing runs' {
        Get-EbpfProbe | Should -BeNullOrEmpty
        Get-EbpfProbe 'e*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'forgets a session that was stopped' {
        $session = Start-EbpfProbe exit
        Stop-EbpfProbe $session | Out-Null
        Get-EbpfProbe | Should -BeNullOrEmpty
        (Get-TheError { Get-EbpfProbe -Id $session.Id }).FullyQualifiedErrorId | Should -Be 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfProbeCommand'
    }

    Context '-ListAvailable' {
        It 'has every probe, with what it is, gives and does not see' {
            $list = @(Get-EbpfProbe -ListAvailable)
            $list | Should -BeOfType EbpfPs.Probes.ProbeInfo
            foreach ($name in 'connect', 'exec', 'exit', 'open') {
                $list.Name | Should -Contain $name
            }

            foreach ($probe in $list) {
                $probe.Description | Should -Match '\.$'
                $probe.EventType.BaseType.FullName | Should -Be EbpfPs.Events.EbpfEvent
                $probe.Mechanism | Should -BeIn 'tracepoint', 'raw tracepoint' -Because "$($probe.Name) can run here"
            }

            @($list | Where-Object Name -EQ open).Limitation | Should -Match io_uring
            @($list | Where-Object Name -EQ exec).EventType | Should -Be ([EbpfPs.Events.ExecEvent])
        }

        It 'takes names and wildcards' {
            @(Get-EbpfProbe -ListAvailable open, 'ex*').Name | Should -Be open, exec, exit
            @(Get-EbpfProbe EXEC -ListAvailable).Name | Should -Be exec
            Get-EbpfProbe -ListAvailable 'x*' -ErrorAction Stop | Should -BeNullOrEmpty
        }

        It 'every name can be started' {
            foreach ($probe in Get-EbpfProbe -ListAvailable) {
                $session = Start-EbpfProbe $probe.Name
                $session.Name | Should -Be $probe.Name
                Stop-EbpfProbe $session | Out-Null
            }
        }

        It 'refuses a name that is not there' {
            $problem = Get-TheError { Get-EbpfProbe -ListAvailable nothing }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfProbeCommand' -Category ObjectNotFound -Target nothing -Message "no probe 'nothing'" -Action 'exec'
        }
    }
}

Describe 'Get-EbpfProbe with sessions that run' {
    BeforeAll {
        Save-HeldDescriptor
        $exit = Start-EbpfProbe exit
        $connect = Start-EbpfProbe connect
        $again = Start-EbpfProbe exit
    }
    AfterAll {
        Get-EbpfProbe | Stop-EbpfProbe | Out-Null
        Assert-NothingHeld
    }

    It 'gives the session objects themselves, by number' {
        $all = @(Get-EbpfProbe)
        $all.Count | Should -Be 3
        [object]::ReferenceEquals($all[0], $exit) | Should -BeTrue
        $all.Id | Should -Be $exit.Id, $connect.Id, $again.Id
    }

    It 'finds by name <_>' -ForEach 'connect', 'CONNECT', 'conn*', 'c?nnect' {
        @(Get-EbpfProbe $_).Id | Should -Be $connect.Id
        @(Get-EbpfProbe -Name $_).Id | Should -Be $connect.Id
    }

    It 'finds all of a name, and several names' {
        @(Get-EbpfProbe exit).Id | Should -Be $exit.Id, $again.Id
        @(Get-EbpfProbe connect, exit).Id | Should -Be $connect.Id, $exit.Id, $again.Id
    }

    It 'finds by number' {
        @(Get-EbpfProbe -Id $again.Id).Id | Should -Be $again.Id
        @(Get-EbpfProbe -Id $again.Id, $exit.Id).Id | Should -Be $again.Id, $exit.Id
    }

    It 'sees sessions of other runspaces, watches too' {
        $watch = Start-Pipeline -Sessions 1 { Watch-EbpfTrace exec }
        $id = $watch.Sessions[0].Id
        @(Get-EbpfProbe).Id | Should -Contain $id
        (Get-EbpfProbe -Id $id).HasReader | Should -BeTrue
        Close-Pipeline $watch
        @(Get-EbpfProbe).Id | Should -Not -Contain $id
    }

    It 'refuses a name that is not there' {
        $problem = Get-TheError { Get-EbpfProbe open }
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfProbeCommand' -Category ObjectNotFound -Target open -Message "No session is named 'open'" -Action "These run: $($exit.Id) \(exit\), $($connect.Id) \(connect\)"
    }

    It 'refuses a number that is not there' {
        $problem = Get-TheError { Get-EbpfProbe -Id 999999 }
        $problem.FullyQualifiedErrorId | Should -Be 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfProbeCommand'
        $problem.CategoryInfo.Category | Should -Be ObjectNotFound
        $problem.TargetObject | Should -BeOfType int
        $problem.TargetObject | Should -Be 999999
        $problem.ErrorDetails.RecommendedAction | Should -Match "These run: .*$($connect.Id) \(connect\)"
    }
}
