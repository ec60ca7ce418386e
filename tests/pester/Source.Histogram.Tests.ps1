# BPF_HISTOGRAM: maps of C at the prompt whose entries are slots, and what Get-EbpfMapEntry makes of them.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # The syscall that the program looks at; nothing else in this process makes it.
    Add-Type -Namespace HistogramTests -Name Native -MemberDefinition '[DllImport("libc")] public static extern int getppid();'

    # Call n of this process counts 2^n in powers, and n in numbers, for an even and an odd key.
    $source = @'
    struct parity_t { char name[4]; u32 slot; };
    BPF_HISTOGRAM(powers);
    BPF_HISTOGRAM(keyed, struct parity_t);
    BPF_HASH(numbers, u64);
    BPF_ARRAY(calls, u64, 1);
    struct hist { u32 slots[8]; };
    BPF_HASH(inside, u32, struct hist);
    int f(void *ctx) {
        int zero = 0;
        u64 *call = calls.lookup(&zero);
        if (!call || bpf_get_current_pid_tgid() >> 32 != OWN) return 0;
        u64 n = *call, value = 1ULL << (n & 31);
        struct parity_t key = {};
        struct hist none = {}, *counts;
        u32 group = 7;
        (*call)++;
        powers.increment(bpf_log2l(value));
        __builtin_memcpy(key.name, n % 2 ? "odd" : "eve", 4);
        key.slot = bpf_log2l(value);
        keyed.increment(key);
        numbers.increment(n, 10);
        counts = inside.lookup_or_try_init(&group, &none);
        if (counts) counts->slots[n & 7]++;
        return 0;
    }
'@.Replace('OWN', $PID)
}

Describe 'BPF_HISTOGRAM' {
    BeforeAll {
        Save-HeldDescriptor
        $session = Start-EbpfProbe -Source $source -Attach syscall:getppid
        1..6 | ForEach-Object { [void][HistogramTests.Native]::getppid() }
    }
    AfterAll {
        $null = $session | Stop-EbpfProbe
        Assert-NothingHeld
    }

    It 'is a histogram by itself, of numbers where no unit is given' {
        $entry = @($session | Get-EbpfMapEntry -Name powers)
        $entry.Count | Should -Be 1
        $entry[0].PSTypeNames[0, 1] | Should -Be 'EbpfPs.NumberHistogramEntry', 'EbpfPs.MapEntry'
        $entry[0].Map | Should -BeExactly powers
        $entry[0].Key | Should -BeNullOrEmpty
        $entry[0].Count | Should -Be 6
        $entry[0].Min | Should -Be 0
        $entry[0].Max | Should -Be 63
        $entry[0].IsExact | Should -BeFalse
        $entry[0].Buckets.From | Should -Be 0, 2, 4, 8, 16, 32
        $entry[0].Buckets.To | Should -Be 2, 4, 8, 16, 32, 64
        $entry[0].Buckets.Count | Should -Be 6
        ($session | Get-EbpfMap powers).HistogramKind | Should -Be Log2
    }

    It 'is one of times with -Unit <Unit>' -ForEach @(@{ Unit = 'ns'; Factor = 1 }, @{ Unit = 'us'; Factor = 1e3 }, @{ Unit = 'ms'; Factor = 1e6 }, @{ Unit = 's'; Factor = 1e9 }) {
        $entry = $session | Get-EbpfMapEntry -Name powers -Unit $Unit
        $entry.PSTypeNames[0] | Should -Be 'EbpfPs.HistogramEntry'
        $entry.Value | Should -BeOfType EbpfPs.Probes.Histogram
        $entry.MaxNs | Should -Be (64 * $Factor - 1)
        $entry.Max | Should -BeOfType timespan
        $entry.Buckets[-1].FromNs | Should -Be (32 * $Factor)
        $entry.Count | Should -Be 6
    }

    It 'has a histogram for each of the other members of a key' {
        $entries = @($session | Get-EbpfMapEntry keyed | Sort-Object name)
        $entries.name | Should -Be eve, odd
        $entries.Key.name | Should -Be eve, odd
        $entries[0].Key.PSObject.Properties.Name | Should -Be name
        $entries.ForEach{ $_.Count } | Should -Be 3, 3
        $entries[0].Buckets.Where{ $_.Count }.From | Should -Be 0, 4, 16
        $entries[1].Buckets.Where{ $_.Count }.From | Should -Be 2, 8, 32
    }

    It 'is its slots with -As Entry' {
        $slots = @($session | Get-EbpfMapEntry powers -As Entry | Where-Object Value)
        $slots.Key | Should -Be (1..6)
        $slots.Value | Should -Be (1, 1, 1, 1, 1, 1)
        @($session | Get-EbpfMapEntry keyed -As Entry).Count | Should -Be 6
    }

    It 'is any map of numbers, where that is asked for' {
        @($session | Get-EbpfMapEntry numbers).Count | Should -Be 6
        $entry = $session | Get-EbpfMapEntry numbers -As LinearHistogram
        $entry.Count | Should -Be 60
        $entry.IsExact | Should -BeTrue
        $entry.Mean | Should -Be 2.5
        $entry.Buckets.From | Should -Be (0..5)
        ($session | Get-EbpfMapEntry numbers -As LinearHistogram -Unit ms).P90 | Should -Be ([timespan]::FromMilliseconds(5.4))
    }

    It 'is an array of slots in a value, too' {
        $entry = $session | Get-EbpfMapEntry inside -As Log2Histogram
        $entry.Key | Should -Be 7
        $entry.Count | Should -Be 6
        # As libbpf's own tools count: slot n is 2^n to 2^(n+1) - 1.
        $entry.Buckets.From | Should -Be 0, 2, 4, 8, 16, 32
    }

    It 'is drawn as bars' {
        $lines = @($session | Get-EbpfMapEntry powers | Get-Line -Width 80 | Where-Object { $_ })
        $lines[0] | Should -BeExactly 'powers'
        $lines[1] | Should -BeExactly '  count 6, mean ~15.17, p50 8, p90 44, p99 61, max <64'
        $lines[2] | Should -BeExactly "    [0, 2) 1 |$('@' * 40)|"
        $lines[7] | Should -BeExactly "  [32, 64) 1 |$('@' * 40)|"
        $times = @($session | Get-EbpfMapEntry powers -Unit us | Get-Line -Width 80 | Where-Object { $_ })
        $times[1] | Should -BeExactly '  count 6, mean ~15.7us, p50 8us, p90 44.8us, p99 62.1us, max <64us'
        $times[2] | Should -BeExactly "       0ns -      2us 1 |$('@' * 40)|"
        $table = @($session | Get-EbpfMapEntry keyed | Where-Object name -EQ odd | Format-Table -View HistogramNumbers | Get-Line -Width 80 | Where-Object { $_ })
        $table[2] | Should -Match '^odd +3 20\.5 +12 +54 +62 +63$'
    }

    It 'keeps its numbers in CSV' {
        $back = $session | Get-EbpfMapEntry powers -Unit us | ConvertTo-Csv | ConvertFrom-Csv
        $back.MaxNs | Should -Be 63999
        $back.Buckets | Should -BeLike '0-2000ns=1 2000-4000ns=1*'
    }

    It 'refuses what has no slots: <Call>' -ForEach @(
        @{ Call = 'numbers -Unit us'; Message = "-Unit is for histograms"; Action = '-As Log2Histogram' }
        @{ Call = 'inside -As Entry -Unit us'; Message = "-Unit is for histograms"; Action = '-As Log2Histogram' }
        @{ Call = 'keyed, calls -As Log2Histogram'; Message = $null }
    ) {
        $reading = [scriptblock]::Create("`$args[0] | Get-EbpfMapEntry $Call")
        if (-not $Message) {
            (& $reading $session).Count | Should -Be 3
            return
        }

        Assert-Error (Get-TheError { & $reading $session }) -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.GetEbpfMapEntryCommand' -Category InvalidArgument -Target ($Call -split ' ')[0] -Message $Message -Action $Action
    }
}

Describe 'BPF_HISTOGRAM without bpf_log2l' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'counts numbers by themselves, and says so where they are no slots of powers' {
        $session = Start-EbpfProbe -Attach syscall:getppid -Source 'BPF_HISTOGRAM(sizes, u32); int f(void *ctx) { if (bpf_get_current_pid_tgid() >> 32 == OWN) sizes.increment(100); return 0; }'.Replace('OWN', $PID)
        try {
            [void][HistogramTests.Native]::getppid()
            $entry = $session | Get-EbpfMapEntry sizes
            $entry.Min | Should -Be 100
            $entry.IsExact | Should -BeTrue
            $problem = Get-TheError { $session | Get-EbpfMapEntry sizes -As Log2Histogram }
            Assert-Error $problem -Id 'EbpfPs.InvalidArgument,EbpfPs.Cmdlets.GetEbpfMapEntryCommand' -Category InvalidArgument -Target sizes -Message '100 is no slot of powers of two' -Action '-As LinearHistogram'
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }
}
