# Every script in examples/ and examples/seeds/, run beside a workload whose events it must show.

BeforeDiscovery {
    # Script: from examples/. Load: shell commands, over and over while the script runs. Shows: what it must give.
    $cases = @(
        @{ Script = 'Watch-Program.ps1'; Load = '/bin/echo ebpfps-example'
            Shows = { $_.CommandLine -eq '/bin/echo ebpfps-example' -and $_.UserName -eq 'root' -and $_.ErrorName -eq '' } }
        @{ Script = 'Get-FailedExec.ps1'; Load = '/nonexistent/program'
            Shows = { $_.Name -like '*, /nonexistent/program, ENOENT' -and $_.Count -ge 1 } }
        @{ Script = 'Get-MissingFile.ps1'; Arguments = @{ ProcessName = 'cat' }; Load = 'cat /nonexistent/file'
            Shows = { $_.ProcessName -eq 'cat' -and $_.FileName -eq '/nonexistent/file' -and $_.Count -ge 1 } }
        @{ Script = 'Watch-SensitiveFile.ps1'; Load = 'cat /etc/shadow'
            Shows = { $_.FileName -eq '/etc/shadow' -and $_.ProcessName -eq 'cat' -and $_.ErrorName -eq '' } }
        @{ Script = 'Get-FileOpener.ps1'; Load = 'cat /etc/hostname /nonexistent'
            Shows = { $_.ProcessName -eq 'cat' -and $_.Opens -gt $_.Failed -and $_.Failed -ge 1 -and $_.LongestMicroseconds -gt 0 } }
        # A FIFO whose other end opens 60 ms later.
        @{ Script = 'Watch-SlowOpen.ps1'; Arguments = @{ MinimumDuration = '40ms' }
            Load = 'f=$(mktemp -u); mkfifo $f; (sleep 0.06; : > $f) & cat $f; rm $f'
            Shows = { $_.ProcessName -eq 'cat' -and $_.Duration.TotalMilliseconds -ge 40 -and $_.FileName -like '/tmp/*' } }
        @{ Script = 'Get-ShortLivedProcess.ps1'; Load = '/bin/true'
            Shows = { $_.ProcessName -eq 'true' -and $_.Count -ge 1 -and $_.MeanMilliseconds -gt 0 } }
        @{ Script = 'Watch-Crash.ps1'; Load = "sh -c 'kill -9 `$`$'"
            Shows = { $_.ProcessName -eq 'sh' -and $_.SignalName -eq 'SIGKILL' -and -not $_.CoreDumped } }
        @{ Script = 'Watch-Command.ps1'; Arguments = @{ Command = 'cat /etc/hostname; /nonexistent/program' }; Load = ':'
            Shows = { $_.Probe -eq 'open' -and $_.FileName -eq '/etc/hostname' -and $_.ProcessName -eq 'cat' } }
        @{ Script = 'Watch-Connection.ps1'; Load = '$WORKLOADS/connecting pair 4 1000 2000 client'
            Shows = { $_.ProcessName -eq 'connecting' -and $_.BytesSent -eq 1000 -and $_.BytesReceived -eq 2000 -and $_.RemoteAddress -eq '127.0.0.1' } }
        @{ Script = 'Get-RefusedConnection.ps1'; Load = '$WORKLOADS/connecting refused 4'
            Shows = { $_.ProcessName -eq 'connecting' -and $_.ErrorName -eq 'ECONNREFUSED' -and $_.Remote -like '127.0.0.1:*' } }
        @{ Script = 'seeds/Watch-HelloWorld.ps1'; Load = '/bin/true'
            Shows = { $_.Message -ceq 'Hello World!' -and $_.ProcessId -gt 0 } }
        @{ Script = 'seeds/Watch-ExecInC.ps1'; Load = '/bin/true'
            Shows = { $_.Message -cmatch '^PID \d+ ran: sh$' -and $_.ProcessName -eq 'sh' } }
        @{ Script = 'seeds/Get-ReadLatencyInC.ps1'; Load = 'cat /etc/hostname'
            Shows = { $_.Count -ge 2 -and $_.Buckets[0].FromNs % 1000 -eq 0 -and $_.Max -ge $_.P50 -and ($_.Buckets | Measure-Object Count -Sum).Sum -eq $_.Count } }
        # Where a kernel has no kprobes, fentry may be refused too, and there is nothing to show.
        @{ Script = 'seeds/Watch-TcpConnectInC.ps1'; Load = '$WORKLOADS/connecting refused 4'; Needs = 'CONFIG_KPROBES'
            Shows = { $_.comm -eq 'connecting' -and $_.daddr -eq '127.0.0.1' } }
        @{ Script = 'seeds/Watch-FileAuditInC.ps1'; Load = 'cat /etc/hostname'
            Shows = { $_.Message -cmatch '^OPEN pid=\d+ +comm=cat +file=/etc/hostname$' } }
        @{ Script = 'seeds/Watch-WhoRunsWhat.ps1'; Load = '/bin/true'
            Shows = { $_.ProcessName -eq 'true' -and $_.FileName -eq '/bin/true' -and $_.ProcessId -gt 0 } }
        @{ Script = 'seeds/Get-ReadLatency.ps1'; Arguments = @{ Duration = '1500ms' }; Load = 'cat /etc/hostname'
            Shows = { $_.ProcessName -eq 'cat' -and $_.Syscall -eq 'read' -and $_.Count -ge 2 -and $_.Max -ge $_.P50 } }
        @{ Script = 'seeds/Watch-TcpConnect.ps1'; Load = '$WORKLOADS/connecting refused 6'
            Shows = { $_.ProcessName -eq 'connecting' -and $_.RemoteAddress -eq '::1' -and $_.ErrorName -eq 'ECONNREFUSED' } }
        @{ Script = 'seeds/Watch-FileAudit.ps1'; Load = 'setpriv --reuid 65534 --clear-groups cat /etc/shadow'
            Shows = { $_.ProcessName -eq 'cat' -and $_.UserName -eq 'nobody' -and $_.FileName -eq '/etc/shadow' -and $_.ErrorName -eq 'EACCES' } }
    )
    foreach ($case in $cases) {
        $case.Arguments ??= @{}
        $case.Needs ??= ''
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $examples = Join-Path $repoRoot 'examples'
    $env:WORKLOADS = Split-Path (Get-Workload connecting)
}

Describe 'examples' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It '<Script> shows what happens' -ForEach $cases {
        if ($Needs -and -not (Test-KernelOption $Needs)) {
            Set-ItResult -Skipped -Because "this kernel was built without $Needs"
            return
        }

        $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
        '-c', "while :; do { $Load; } >/dev/null 2>&1; sleep 0.05; done" | ForEach-Object { $start.ArgumentList.Add($_) }
        $shell = [Diagnostics.Process]::Start($start)
        try {
            # Strict mode is this suite's, not the scripts'.
            Set-StrictMode -Off
            if ($Script -ne 'Watch-Command.ps1') { $Arguments.Duration ??= 2 }
            $output = & (Join-Path $examples $Script) @Arguments
        } finally {
            $shell.Kill($true)
            $shell.WaitForExit()
        }
        @($output | Where-Object $Shows).Count | Should -BeGreaterThan 0 -Because "it gave:`n$($output | Out-String)"
    }

    It 'Watch-Command.ps1 runs the command here, with an empty input, and lets its output through' {
        $said = Invoke-OtherPwsh @"
            Set-Location '$TestDrive'
            Set-Content here.txt 'something'
            `$events = @(& '$examples/Watch-Command.ps1' 'cat; cat here.txt >copy.txt; echo out-of-it >/dev/stderr')
            [pscustomobject]@{ Copy = [IO.File]::ReadAllText('$TestDrive/copy.txt'); Opened = @(`$events.FileName -eq 'here.txt').Count; Left = @(Get-EbpfProbe).Count }
"@ 2>&1
        @($said | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { "$_" }) | Should -Contain out-of-it
        $result = $said | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] }
        $result.Copy | Should -BeExactly "something`n"
        $result.Opened | Should -Be 1
        $result.Left | Should -Be 0
    }

    It 'Watch-Command.ps1 ends with its pipeline, and the command with it' {
        $events = @(& (Join-Path $examples 'Watch-Command.ps1') 'echo >/dev/null; exec sleep 1000' | Select-Object -First 1)
        $events.Count | Should -Be 1
        $id = $events[0].ProcessId
        Wait-Until -For 'the end of the command' { -not (Get-Process -Id $id -ErrorAction Ignore) }
    }

    It 'has a test for every script' {
        $tested = $cases.Script
        Get-ChildItem $examples -Recurse -Filter *.ps1 |
            ForEach-Object { [IO.Path]::GetRelativePath($examples, $_.FullName) } |
            Should -BeIn $tested
    } -TestCases @(@{ cases = $cases })
}
