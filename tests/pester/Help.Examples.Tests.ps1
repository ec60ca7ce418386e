# The worked examples of the pages about what is loaded: each runs, and gives what its page shows.

BeforeDiscovery {
    $pages = Join-Path (Split-Path (Split-Path $PSScriptRoot)) en-US
    $commands = 'Get-EbpfType', 'Get-EbpfProgram', 'Get-EbpfLink', 'Get-EbpfMap', 'Get-EbpfMapEntry', 'Set-EbpfMapEntry', 'Remove-EbpfMapEntry', 'New-EbpfPin', 'Remove-EbpfPin'
    $cases = foreach ($command in $commands) {
        $text = Get-Content "$pages/$command.md" -Raw
        $examples = foreach ($part in [regex]::Matches($text, '(?s)### Example \d: (?<title>[^\n]+)\n```powershell\n(?<code>.+?)\n```\n(\n```output\n(?<output>.+?)\n```)?')) {
            @{ Title = $part.Groups['title'].Value; Code = $part.Groups['code'].Value; Shown = $part.Groups['output'].Value }
        }
        @{ Command = $command; Examples = @($examples) }
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'The examples of <Command>' -ForEach $cases {
    BeforeAll {
        Save-HeldDescriptor
        bpftool map create /sys/fs/bpf/blocked type lpm_trie key 8 value 4 entries 100 name blocked flags 1
        bpftool map create /sys/fs/bpf/limits type hash key 4 value 8 entries 1000 name limits
        Set-EbpfMapEntry -Path /sys/fs/bpf/blocked -Key 10.0.0.0/8 -Value 1
        $reading = [Diagnostics.Process]::Start('/bin/sh', [string[]]('-c', 'while :; do cat /etc/hostname >/dev/null; sleep 0.05; done'))
        1..3 | ForEach-Object { Set-EbpfMapEntry -Path /sys/fs/bpf/limits -Key $_ -Value ($_ * 100) }
    }

    AfterAll {
        Get-EbpfProbe | Stop-EbpfProbe | Out-Null
        Stop-Workload $reading
        '/sys/fs/bpf/blocked', '/sys/fs/bpf/limits', '/sys/fs/bpf/examples' | Where-Object { Test-Path $_ } | Remove-Item -Recurse -Force
        Assert-NothingHeld
    }

    It 'are three or more' {
        $Examples.Count | Should -BeGreaterOrEqual 3
    }

    It 'run and give what the page shows' {
        foreach ($example in $Examples) {
            Set-StrictMode -Off
            $global:Error.Clear()
            $given = @(. ([scriptblock]::Create($example.Code)) 4>&1 | Out-String -Width 110) -join ''
            "$($global:Error)" | Should -BeNullOrEmpty -Because "'$($example.Title)' must run"
            $expected = @($example.Shown.Split("`n") | Where-Object { $_ -and $_ -notmatch '^What if' })
            if ($expected) {
                # Numbers, times and what else runs here differ: the heads of tables and the names of properties don't.
                $lines = @($given.Split("`n").TrimEnd() | Where-Object Length)
                $head = { param($all) if ($all[0] -match '^\S+ +: ') { @($all) -match '^\S+ +: ' -replace ' *:.*' | Select-Object -Unique } else { $all[0] -replace '\d+', '#' -replace '#.*$', '#' -replace '^\w+, .*', 'histogram' -replace ' +', ' ' } }
                (& $head $lines) -join '|' | Should -BeExactly ((& $head $expected) -join '|') -Because "'$($example.Title)' shows it"
            }
        }
    }
}
