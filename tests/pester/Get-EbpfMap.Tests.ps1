# Get-EbpfMap and Get-EbpfMapEntry: maps of sessions, their entries, histograms and their views.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # A session that has timed known calls of tests/workloads/calling.
    function Start-Timed([string[]] $Calling, [string[]] $Syscall) {
        $start = [Diagnostics.ProcessStartInfo]::new((Get-Workload calling))
        $Calling | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardOutput.ReadLine() | Should -Be 'ready'
        $session = Start-EbpfProbe latency -Syscall $Syscall -ProcessId $process.Id
        Complete-GatedShell $process
        $session
    }
}

Describe 'Get-EbpfMap' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'lists the maps of a session, typed' {
        $session = Start-EbpfProbe latency -Syscall read
        $maps = @($session | Get-EbpfMap)
        $hist = $maps | Where-Object Name -EQ hist
        $session | Stop-EbpfProbe | Out-Null

        $maps.Count | Should -BeGreaterThan 8
        $hist | Should -BeOfType EbpfPs.Probes.SessionMap
        $hist.Type | Should -Be PerCpuHash
        $hist.KeyType | Should -BeExactly 'struct latency_key'
        $hist.ValueType | Should -BeExactly 'struct latency_value'
        $hist.KeySize | Should -Be 24
        $hist.ValueSize | Should -Be 416
        $hist.MaxEntries | Should -BeGreaterThan 1000
        $hist.Id | Should -BeGreaterThan 0
        $hist.Probe | Should -Be latency
        $hist.Session | Should -Be $session
        ($maps | Where-Object Name -EQ ring).Type | Should -Be RingBuffer
    }

    It 'takes names and wildcards, and all sessions without an object' {
        $sessions = @((Start-EbpfProbe latency -Syscall read), (Start-EbpfProbe open))
        $own = @(Get-EbpfMap | Where-Object { $_ -is [EbpfPs.Probes.SessionMap] })
        $own.Id | Should -Be @(@($sessions | Get-EbpfMap).Id | Sort-Object)
        @(Get-EbpfMap hist | Where-Object Id -In $own.Id).Session | Should -Be $sessions[0]
        @(Get-EbpfMap HIST, r*g | Where-Object Id -In $own.Id).Name | Should -Be hist, ring, ring
        @(Get-EbpfMap -InputObject $sessions[1] -Name counters).Session | Should -Be $sessions[1]
        @(Get-EbpfMap no-such*) | Should -BeNullOrEmpty
        @($sessions | Get-EbpfMap counters).Count | Should -Be 2
        $sessions | Stop-EbpfProbe | Out-Null
        Wait-Until -For 'the kernel to free the maps' { -not (Get-EbpfMap | Where-Object Id -In $own.Id) }
    }

    It 'is an error for a map that is not there' {
        $session = Start-EbpfProbe exec
        $problem = Get-TheError { $session | Get-EbpfMap hist }
        $session | Stop-EbpfProbe | Out-Null
        Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfMapCommand' -Category ObjectNotFound -Target hist -Message "no map 'hist'" -Action 'There are: ring, control'
        Assert-Error (Get-TheError { Get-EbpfMap no-such }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfMapCommand' -Category ObjectNotFound -Target no-such -Message "no map 'no-such'" -Action 'without parameters lists them'
        Assert-Error (Get-TheError { Get-EbpfMap -Id 2147483647 }) -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfMapCommand' -Category ObjectNotFound -Target 2147483647 -Message 'no map with the number' -Action 'Get-EbpfMap'
    }

    It 'is one error for a session that was stopped: <_>' -ForEach 'Get-EbpfMap', 'Get-EbpfMap hist', 'Get-EbpfMapEntry hist', 'Get-EbpfMapEntry *' {
        $session = Start-EbpfProbe latency -Syscall read
        $session | Stop-EbpfProbe | Out-Null
        $pipeline = [scriptblock]::Create("`$args[0] | $_")
        $problem = Get-TheError { & $pipeline $session }
        $name = ($_ -split ' ')[0] -replace '-'
        Assert-Error $problem -Id "EbpfPs.AlreadyStopped,EbpfPs.Cmdlets.$($name)Command" -Category InvalidOperation -Target latency -Message "Session $($session.Id) \(latency\) was stopped, and its maps" -Action 'before Stop-EbpfProbe'
    }

    It 'is shown as a table, with what holds it' {
        $session = Start-EbpfProbe latency -Syscall read
        $map = $session | Get-EbpfMap hist
        $lines = @($map | Get-Line -Width 120)
        $narrow = @($map | Format-Table -View Narrow | Get-Line -Width 80)
        $session | Stop-EbpfProbe | Out-Null
        $lines[0] | Should -BeExactly '    Id Name            Type        MaxEntries KeyType            ValueType            Held by'
        $lines[2] | Should -BeExactly ('{0,6} hist            PerCpuHash  {1,10} struct latency_key struct latency_value session {2} (latency)' -f $map.Id, $map.MaxEntries, $session.Id)
        $narrow[2] | Should -BeExactly ('{0,6} hist            PerCpuHash  {1,10} session {2} (latency)' -f $map.Id, $map.MaxEntries, $session.Id)
    }

    It 'Tab offers maps with their types' {
        $session = Start-EbpfProbe latency -Syscall read
        $offered = Get-Completion "Get-EbpfMap -InputObject `$session -Name h"
        $entry = Get-Completion 'Get-EbpfMapEntry hi'
        $session | Stop-EbpfProbe | Out-Null
        @($offered.CompletionText) | Should -Be hist
        $offered[0].ToolTip | Should -BeExactly 'PerCpuHash of latency: struct latency_key -> struct latency_value'
        @($entry.CompletionText) | Should -Contain hist
    }
}

Describe 'Get-EbpfMapEntry' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    Context 'of a histogram' {
        BeforeAll {
            $session = Start-Timed 'several', '100' -Syscall getppid, getuid
            $entries = @($session | Get-EbpfMapEntry -Name hist | Sort-Object Count)
            $perCpu = @($session | Get-EbpfMapEntry hist -PerCpu)
            $piped = @($session | Get-EbpfMap hist | Get-EbpfMapEntry)
            $session | Stop-EbpfProbe | Out-Null
        }

        It 'has name, numbers and buckets as properties' {
            $entries.Count | Should -Be 2
            $entries[0].Map | Should -Be hist
            $entries[0].Syscall | Should -BeExactly getppid
            $entries[0].ProcessName | Should -BeExactly calling
            $entries[0].Is32Bit | Should -BeFalse
            $entries[0].Count | Should -BeOfType long
            $entries.Count | Should -Be 2
            $entries.ForEach{ $_.Count } | Should -Be 100, 200
            foreach ($name in 'Mean', 'Min', 'P50', 'P90', 'P99', 'Max', 'Total') {
                $entries[0].$name | Should -BeOfType timespan
                $entries[0]."${name}Ns" | Should -BeOfType long
                $entries[0].$name.Ticks | Should -Be ([Math]::Floor($entries[0]."${name}Ns" / 100))
            }
            $entries[0].MinNs | Should -BeGreaterThan 0
            $entries[0].MaxNs | Should -BeGreaterOrEqual $entries[0].P99Ns
            $entries[0].MeanNs | Should -Be ([Math]::Round([decimal]$entries[0].TotalNs / 100))
            ($entries[0].Buckets | Measure-Object Count -Sum).Sum | Should -Be 100
            $entries[0].Buckets[0].ToNs | Should -Be (2 * $entries[0].Buckets[0].FromNs)
        }

        It 'has Key and Value beside them' {
            $entries[0].Key.comm | Should -BeExactly calling
            $entries[0].Key.compat | Should -Be 0
            $entries[0].Value | Should -BeOfType EbpfPs.Probes.Histogram
            $entries[0].PSTypeNames[0, 1] | Should -Be 'EbpfPs.HistogramEntry', 'EbpfPs.MapEntry'
        }

        It 'is there for each CPU with -PerCpu' {
            $cpus = @($perCpu.Cpu | Sort-Object -Unique)
            $cpus[0] | Should -Be 0
            $perCpu.Count | Should -Be (2 * $cpus.Count)
            ($perCpu | Where-Object Syscall -EQ getuid | Measure-Object Count -Sum).Sum | Should -Be 200
        }

        It 'comes from Get-EbpfMap''s objects too' {
            @($piped | Sort-Object Count | ForEach-Object Syscall) | Should -Be getppid, getuid
        }

        It 'goes through CSV and JSON with its numbers' {
            $csv = @($entries | ConvertTo-Csv | ConvertFrom-Csv)
            $json = @($entries | ConvertTo-Json -Depth 5 | ConvertFrom-Json)
            foreach ($name in 'Syscall', 'ProcessName', 'Count', 'TotalNs', 'MeanNs', 'MinNs', 'P50Ns', 'P90Ns', 'P99Ns', 'MaxNs') {
                $csv[1].$name | Should -BeExactly "$($entries[1].$name)"
                $json[1].$name | Should -BeExactly $entries[1].$name
            }
            $csv[1].Buckets | Should -BeExactly ($entries[1].Buckets.ForEach{ "$($_.FromNs)-$($_.ToNs)ns=$($_.Count)" } -join ' ')
            $json[1].Buckets[0].Count | Should -Be $entries[1].Buckets[0].Count
        }

        It 'is shown as bars' {
            $PSStyle.OutputRendering = 'PlainText'
            try {
                $lines = @($entries[0] | Get-Line -Width 100)
            }
            finally {
                $PSStyle.OutputRendering = 'Host'
            }
            $lines[0] | Should -BeExactly 'getppid, calling'
            $lines[1] | Should -Match '^  count 100, mean [\d.]+[nmu]?s, p50 [\d.]+[nmu]?s, p90 [\d.]+[nmu]?s, p99 [\d.]+[nmu]?s, max [\d.]+[nmu]?s$'
            $lines.Count | Should -Be (2 + $entries[0].Buckets.Count)
            $bars = @($lines | Select-Object -Skip 2)
            $bars | ForEach-Object { $_ | Should -Match '^ +[\d.]+[nmu]?s - +[\d.]+[nmu]?s +[\d,]+ \|@* *\|$' }
            @($bars | Where-Object { $_ -match '\|@{40}\|' }).Count | Should -BeGreaterOrEqual 1
            @($bars | ForEach-Object Length | Sort-Object -Unique).Count | Should -Be 1
        }

        It 'is shown by its numbers when it comes back from Export-Clixml' {
            $PSStyle.OutputRendering = 'PlainText'
            try {
                $whole = @($entries[0] | Get-Line -Width 100)
                $entries[0] | Export-Clixml (Join-Path $TestDrive entry.xml)
                $back = Import-Clixml (Join-Path $TestDrive entry.xml)
                @($back | Get-Line -Width 100) | Should -Be $whole[0, 1]
                $back.ProcessName = "a`e[31m`n"
                @($back | Get-Line -Width 100)[0] | Should -BeExactly 'getppid, a\e[31m\n'
                $back.PSObject.Properties.Remove('MeanNs')
                (@($back | Get-Line -Width 1000) -join '') | Should -Not -Match "`e"
            }
            finally {
                $PSStyle.OutputRendering = 'Host'
            }
        }

        It 'is shown as a table of its numbers by Format-Table' {
            $lines = @($entries | Format-Table | Get-Line -Width 100)
            $lines[0] | Should -Match '^Key +Count +Mean +P50 +P90 +P99 +Max$'
            $lines[2] | Should -Match '^getppid, calling +100( +[\d.]+[nmu]?s){5}$'
        }

        It 'is coloured through $PSStyle, and plain where that or NO_COLOR says so' {
            $green = $PSStyle.Foreground.Cyan
            $draw = { [EbpfPs.Maps.HistogramText]::Draw($entries[0], $args[0], $null) -join "`n" }
            try {
                $PSStyle.OutputRendering = 'Ansi'
                & $draw $PSStyle | Should -Match ([regex]::Escape($green) + '@+')
                & $draw $PSStyle | Should -Match ([regex]::Escape($PSStyle.Formatting.TableHeader) + 'getppid, calling')
                $env:NO_COLOR = '1'
                & $draw $PSStyle | Should -Not -Match "`e"
                $env:NO_COLOR = ''
                $PSStyle.OutputRendering = 'PlainText'
                & $draw $PSStyle | Should -Not -Match "`e"
            }
            finally {
                $PSStyle.OutputRendering = 'Host'
                $env:NO_COLOR = $null
            }
            & $draw $null | Should -Not -Match "`e"
        }

        It 'is plain in a file and where the output is redirected' {
            $file = Join-Path $TestDrive bars.txt
            $entries[0] | Out-File $file
            Get-Content -Raw $file | Should -Not -Match "`e"
            Get-Content -Raw $file | Should -Match '\|@+'
            $line = "Import-Module '$modulePath'; `$p = Start-EbpfProbe latency -Syscall read; Get-Content /proc/version | Out-Null; cat /proc/version | Out-Null; `$p | Get-EbpfMapEntry hist; `$null = `$p | Stop-EbpfProbe"
            $output = (& $pwshPath -NoProfile -Command $line) -join "`n"
            $output | Should -Match '\|@+'
            $output | Should -Not -Match "`e"
        }
    }

    Context 'of other maps' {
        It 'has the members of key and value beside Key and Value' {
            $session = Start-EbpfProbe exec -ProcessName pst-entry
            & (New-Tool pst-entry)
            $entries = @($session | Get-EbpfMapEntry counters)
            $control = $session | Get-EbpfMapEntry control
            $session | Stop-EbpfProbe | Out-Null
            ($entries | Measure-Object produced -Sum).Sum | Should -Be 1
            $entries[0].Key | Should -Be 0
            $entries[0].Value.produced | Should -Be $entries[0].produced
            $control.armed | Should -Be 1
            ($control | ConvertTo-Csv | ConvertFrom-Csv).armed | Should -Be 1
            $entries[0].PSTypeNames[0] | Should -Be 'EbpfPs.MapEntry'
        }

        It 'is shown on a line' {
            $session = Start-EbpfProbe exec
            $lines = @($session | Get-EbpfMapEntry control | Get-Line -Width 100)
            $session | Stop-EbpfProbe | Out-Null
            $lines[0] | Should -Match '^Map +Cpu Key +Value$'
            $lines[2] | Should -Match '^control +0 +armed=1, reader=\d$'
        }

        It 'shows no text from the kernel to the terminal as it is' {
            [EbpfPs.Maps.ValueText]::Of("a`e[31m`n") | Should -BeExactly 'a\e[31m\n'
            [EbpfPs.Maps.ValueText]::Of([pscustomobject]@{ comm = "`e]0;x`a"; nested = [pscustomobject]@{ a = 1; b = 1..3 } }) | Should -BeExactly 'comm=\e]0;x\x07, nested={a=1, b=[1 2 3]}'
            [EbpfPs.Maps.ValueText]::Of([int[]](1..20)) | Should -BeExactly '[1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 ...]'
            [EbpfPs.Maps.ValueText]::Of($null) | Should -BeExactly ''
            [EbpfPs.Maps.ValueText]::Of(1.5) | Should -BeExactly '1.5'
        }

        It 'refuses kinds that have no entries, by their reason' {
            $session = Start-EbpfProbe latency -Syscall read
            $problem = Get-TheError { $session | Get-EbpfMapEntry ring }
            $other = Get-TheError { $session | Get-EbpfMap cgroups | Get-EbpfMapEntry }
            $verbose = @($session | Get-EbpfMapEntry r*, cgr* -Verbose 4>&1)
            $session | Stop-EbpfProbe | Out-Null
            Assert-Error $problem -Id 'EbpfPs.NotSupported,EbpfPs.Cmdlets.GetEbpfMapEntryCommand' -Category NotImplemented -Target ring -Message 'a ring has records' -Action 'hashes, arrays'
            Assert-Error $other -Id 'EbpfPs.NotSupported,EbpfPs.Cmdlets.GetEbpfMapEntryCommand' -Category NotImplemented -Target cgroups -Message 'references to kernel objects' -Action Get-EbpfMap
            $verbose.Count | Should -Be 2
            $verbose[0].Message | Should -Match "^Map 'ring' is left out: a ring"
        }

        It 'wants a name' {
            $problem = Get-TheError { Get-EbpfMapEntry }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.GetEbpfMapEntryCommand' -Category InvalidArgument -Target Get-EbpfMapEntry -Message 'No map was named' -Action 'Get-EbpfMap lists'
        }

        It 'says that there is no such map' {
            $problem = Get-TheError { Get-EbpfMapEntry no-such }
            Assert-Error $problem -Id 'EbpfPs.NotFound,EbpfPs.Cmdlets.GetEbpfMapEntryCommand' -Category ObjectNotFound -Target no-such -Message "no map 'no-such'" -Action 'Get-EbpfMap'
        }
    }
}
