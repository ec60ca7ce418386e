# Text from elsewhere in the tables of maps, programs, links and messages: what a process that holds them calls itself, what
# a program prints, and any text at all in whatever property of these types is text.

BeforeDiscovery {
    $views = @(
        @{ Type = 'EbpfPs.Events.TraceMessage'; View = 'TraceMessage' }
        @{ Type = 'EbpfPs.Probes.KernelMap'; View = 'KernelMap', 'Narrow' }
        @{ Type = 'EbpfPs.Probes.SystemProgram'; View = 'SystemProgram', 'Narrow' }
        @{ Type = 'EbpfPs.Probes.SystemLink'; View = 'SystemLink', 'Narrow' }
        @{ Type = 'EbpfPs.Probes.ProgramStatistics'; View = 'ProgramStatistics' }
        @{ Type = 'EbpfPs.Probes.SessionProgram'; View = 'SessionProgram' }
        @{ Type = 'EbpfPs.Probes.ProgramInstruction'; View = 'ProgramInstruction' }
        @{ Type = 'EbpfPs.Probes.TypeDescription'; View = 'TypeDescription' }
        @{ Type = 'EbpfPs.Probes.TypeMember'; View = 'TypeMember' }
        @{ Type = 'EbpfPs.Bpf.KernelFeature'; View = 'EbpfSupport'; Wraps = $true }
    )
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'
    Add-Type -Namespace HostileViewTests -Name Native -MemberDefinition '[DllImport("libc")] public static extern int getppid();'

    # Colours, a line, a byte that is not UTF-8, the direction of writing, C1, DEL: 15 bytes, the most that a process's name has.
    $hostileName = "A`e[31m`n$([char]0xDCFF)$([char]0x202E)$([char]0x9b)$([char]0x7f)Z"
    $shownName = 'A\e[31m\n\xff\u202e\u009b\x7fZ'
    $commBytes = 0x41, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x0a, 0xff, 0xe2, 0x80, 0xae, 0xc2, 0x9b, 0x7f, 0x5a
}

AfterAll { $PSStyle.OutputRendering = $rendering }

Describe 'What a process with a hostile name holds' {
    BeforeAll {
        # A process of its own: maps of a session in this one are shown with the session.
        $script = "Import-Module '$modulePath' -ErrorAction Stop; [IO.File]::WriteAllBytes('/proc/self/comm', [byte[]]($($commBytes -join ','))); `$null = Start-EbpfProbe exit -ProcessId $PID; 'ready'; [Console]::In.ReadLine()"
        $start = [Diagnostics.ProcessStartInfo]::new($pwshPath)
        '-NoProfile', '-NonInteractive', '-Command', $script | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $holder = [Diagnostics.Process]::Start($start)
        $holder.StandardOutput.ReadLine() | Should -BeExactly 'ready' -Because 'its session must run'
        $ofHolder = { @($_.Owner | ForEach-Object ProcessId) -contains $holder.Id }
        $held = @{
            Map = @(Get-EbpfMap | Where-Object $ofHolder)
            Program = @(Get-EbpfProgram | Where-Object $ofHolder)
            Link = @(Get-EbpfLink | Where-Object $ofHolder)
        }
        Stop-Workload $holder
    }

    It 'is there, with its holder''s name lossless: <_>' -ForEach 'Map', 'Program', 'Link' {
        $held[$_].Count | Should -BeGreaterThan 0
        $held[$_] | ForEach-Object { $_.Owner[0].ProcessName | Should -BeExactly $hostileName }
    }

    It 'is shown harmless, a row each: <_>' -ForEach 'Map', 'Program', 'Link' {
        $shown = @($held[$_] | Format-Table | Get-Line -Width 300)
        Assert-Harmless $shown
        $shown.Count | Should -Be ($held[$_].Count + 2)
        $shown[2] | Should -Match ([regex]::Escape("$shownName ($($held[$_][0].Owner[0].ProcessId))"))

        $narrow = @($held[$_] | Format-Table -View Narrow | Get-Line -Width 300)
        Assert-Harmless $narrow
        $narrow.Count | Should -Be ($held[$_].Count + 2)
    }
}

Describe 'What a program prints' {
    It 'is lossless in the object, and harmless in the table and as a string' {
        $source = 'int f(void *ctx) { if (bpf_get_current_pid_tgid() >> 32 != OWN) return 0; char text[] = "\033]0;title\007\015\011\033[31m\342\201\246\233end"; bpf_trace_printk("%s", text); return 0; }'.Replace('OWN', "$PID")
        $name = [IO.File]::ReadAllBytes('/proc/thread-self/comm')
        $session = Start-EbpfProbe -Source $source -Attach syscall:getppid
        try {
            # The lines of the trace are the kernel's: a line end in a name would begin another.
            [IO.File]::WriteAllText('/proc/thread-self/comm', "h`e[31m$([char]0x202E)")
            # The trace takes a thread's name when the thread is switched away from, after it has printed: then for the second time.
            [void][HostileViewTests.Native]::getppid()
            Start-Sleep -Milliseconds 100
            [void][HostileViewTests.Native]::getppid()
            $messages = @($session | Receive-EbpfEvent -MaxEvents 2 -Timeout 5 | Select-Object -Last 1)
        }
        finally {
            [IO.File]::WriteAllBytes('/proc/thread-self/comm', $name)
            $session | Stop-EbpfProbe | Out-Null
        }

        $messages.Count | Should -Be 1
        $messages[0].ProcessId | Should -Be $PID
        $messages[0].Message | Should -BeExactly "`e]0;title`a`r`t`e[31m$([char]0x2066)$([char]0xDC9B)end"
        $messages[0].ProcessName | Should -BeExactly "h`e[31m$([char]0x202E)"
        $shown = @($messages | Get-Line -Width 300)
        Assert-Harmless $shown
        $shown.Count | Should -Be 3
        $shown[2] | Should -Match ([regex]::Escape('h\e[31m\u202e') + ' +' + [regex]::Escape('\e]0;title\x07\r\t\e[31m\u2066\x9bend'))
        Assert-Harmless "$($messages[0])"
    }
}

Describe 'A <Type> whose text is all hostile' -ForEach $views {
    BeforeAll {
        # Each property of the type, by its kind: what is text or a list of texts is hostile.
        $properties = [ordered]@{ PSTypeName = $Type }
        foreach ($property in ([EbpfPs.Probes.ProbeSession].Assembly.GetType($Type, $true)).GetProperties()) {
            $kind = [Nullable]::GetUnderlyingType($property.PropertyType) ?? $property.PropertyType
            $properties[$property.Name] = switch ($kind) {
                { $_ -eq [string] } { $hostileName; break }
                { $_.IsEnum } { $_.GetEnumValues()[0]; break }
                { $_.IsValueType } { [Activator]::CreateInstance($_); break }
                default { , @($hostileName) }
            }
        }

        $hostile = [pscustomobject]$properties
    }

    It 'is shown harmless in each of its tables, a row each' {
        @(Get-FormatData -TypeName $Type | ForEach-Object FormatViewDefinition | ForEach-Object Name | Sort-Object -Unique) |
            Should -Be @($View | Sort-Object) -Because 'these are the views that the module brings for it'
        foreach ($name in $View) {
            $lines = @($hostile, $hostile | Format-Table -View $name | Get-Line -Width 400)
            Assert-Harmless $lines
            $rows = @($lines -match [regex]::Escape('A\e[31m\n'))
            $rows.Count | Should -BeIn 2, 3 -Because 'each has a row, and their group may have a heading'
            if (-not $_['Wraps']) {
                $lines.Count | Should -BeLessOrEqual 5 -Because 'no text may begin a line of its own'
            }
        }
    }
}
