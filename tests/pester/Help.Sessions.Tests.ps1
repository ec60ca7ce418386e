# The worked examples of the pages about sessions: each runs, beside a load that makes what it waits for, and shows the
# tables that its page shows. Only how long they wait is changed.

BeforeDiscovery {
    $pages = Join-Path (Split-Path (Split-Path $PSScriptRoot)) en-US
    $shorter = @{
        'sleep 10' = 'sleep 1'; 'Start-Sleep 10' = 'Start-Sleep 1'; 'Start-Sleep 60' = 'Start-Sleep 2'; 'Start-Sleep 5' = 'Start-Sleep 1'
        '-Timeout 1m' = '-Timeout 5s'; '-Duration 1h' = '-Duration 2'; '-Duration 10' = '-Duration 2'; '-Id 3 -Confirm' = '-Id $p.Id -Confirm:$false'
    }
    # An object that nobody has, and one of a package that not every machine has: Path.Tests and Path.Packages.Tests run such.
    $elsewhere = 'A program of your own', 'The records of an object that a package ships'
    $cases = foreach ($command in 'Get-EbpfProbe', 'Receive-EbpfEvent', 'Start-EbpfProbe', 'Stop-EbpfProbe', 'Test-EbpfSupport', 'Watch-EbpfTrace') {
        $text = Get-Content "$pages/$command.md" -Raw
        foreach ($part in [regex]::Matches($text, '(?s)### Example \d: (?<title>[^\n]+)\n```powershell\n(?<code>.+?)\n```\n(\n```output\n(?<output>.+?)\n```)?')) {
            $code = $part.Groups['code'].Value
            $shorter.GetEnumerator() | Sort-Object { -$_.Key.Length } | ForEach-Object { $code = $code.Replace($_.Key, $_.Value) }
            if ($part.Groups['title'].Value -notin $elsewhere) {
                @{ Command = $command; Title = $part.Groups['title'].Value; Code = $code; Shown = $part.Groups['output'].Value; NeedsCompiler = $code.Contains('-Source') }
            }
        }
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # The heads of tables, and the names of properties in a list: numbers, times and what else runs here differ.
    function Get-Head([string] $Text) {
        $lines = @($Text.Split("`n").TrimEnd())
        $heads = for ($i = 1; $i -lt $lines.Count; $i++) { if ($lines[$i] -match '^ *-+( +-+)+$') { $lines[$i - 1].Trim() -replace ' +', ' ' } }
        $names = $lines -match '^\w+ +: ' -replace ' *:.*'
        @($heads; $names) | Select-Object -Unique
    }

    # Another thread of this process, for what must happen while an example runs.
    function Start-Meanwhile([scriptblock] $Script) {
        $other = [powershell]::Create().AddScript($Script).AddArgument($modulePath)
        [void] $other.BeginInvoke()
        $other
    }

    Add-Type -Namespace HelpTests -Name Native -MemberDefinition '[System.Runtime.InteropServices.DllImport("libc")] public static extern int getppid();'
    $make = New-Tool make /bin/sh
    $commands = @(
        "/bin/sh -c 'cat /etc/hostname; /usr/bin/no-such-program'"
        'setpriv --reuid=www-data --clear-groups cat /etc/hostname'
        "$make -c 'cat /etc/hostname; /bin/true'"
        "$(Get-Workload connecting) refused 4"
    )
    $load = [Diagnostics.Process]::Start('/bin/sh', [string[]]('-c', "while :; do { $($commands -join '; '); } >/dev/null 2>&1; sleep 0.05; done"))
}

AfterAll { Stop-Workload $load }

Describe 'The example of <Command>: <Title>' -ForEach $cases {
    BeforeAll {
        Save-HeldDescriptor
        Push-Location $TestDrive
    }

    AfterAll {
        Pop-Location
        Get-EbpfProbe | Stop-EbpfProbe | Out-Null
        Assert-NothingHeld
    }

    It 'runs, and shows what the page shows' -Skip:($NeedsCompiler -and -not (Get-Command clang -ErrorAction Ignore)) {
        Set-StrictMode -Off
        $p = $meanwhile = $null
        if ($Command -in 'Get-EbpfProbe', 'Receive-EbpfEvent', 'Stop-EbpfProbe') { $p = Start-EbpfProbe exec }
        if ($Code.Contains('-Wait')) {
            $meanwhile = Start-Meanwhile { param($module) Import-Module $module; Start-Sleep 2; Get-EbpfProbe | Stop-EbpfProbe }
        }
        if ($Code.Contains('-TracePipe')) {
            Start-EbpfProbe -Path $repoRoot/tests/kernel/bin/Release/net8.0/objects/printing.bpf.o -Variable @{ traced_pid = $PID } | Out-Null
            $meanwhile = Start-Meanwhile { 1..50 | ForEach-Object { [void] [HelpTests.Native]::getppid(); Start-Sleep -Milliseconds 100 } }
        }

        $global:Error.Clear()
        # One statement after the other, as at a prompt: each has a table of its own.
        $statements = [scriptblock]::Create($Code).Ast.EndBlock.Statements.Extent.Text
        $given = @($statements | ForEach-Object { . ([scriptblock]::Create($_)) 4>&1 | Out-String -Width 110 }) -join ''
        "$($global:Error)" | Should -BeNullOrEmpty
        if ($Shown) {
            @(Get-Head $given) | Should -Be @(Get-Head $Shown) -Because "it gave:`n$($given.Substring(0, [Math]::Min(2000, $given.Length)))"
        }
        if ($meanwhile) { $meanwhile.Dispose() }
    }
}
