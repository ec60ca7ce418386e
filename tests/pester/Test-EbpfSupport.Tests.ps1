BeforeDiscovery {
    # Another user must be able to run this pwsh: one that root installed in its home folder can't be reached.
    $pwsh = (Get-Process -Id $PID).Path
    $nobody = 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/tmp'
    $reachable = (& $nobody[0] @($nobody | Select-Object -Skip 1) $pwsh -NoProfile -NonInteractive -Command "'yes'" 2>$null) -eq 'yes'
}

BeforeAll {
    . $PSScriptRoot/common.ps1

    # What another process sees of features, and what comes of starting a probe there. Opens are made for it to see: a
    # machine at rest may have none for seconds.
    function Get-SupportIn([string[]] $Launcher, [string] $Module = $modulePath) {
        $opener = Start-Process sh -ArgumentList '-c', '"while sleep 0.1; do : </dev/null; done"' -PassThru
        try {
            Get-SupportBeside $Launcher $Module
        }
        finally {
            $opener | Stop-Process
        }
    }

    function Get-SupportBeside([string[]] $Launcher, [string] $Module) {
        Invoke-OtherPwsh -Launcher $Launcher -Module $Module -Script {
            $features = [ordered]@{}
            Test-EbpfSupport | ForEach-Object { $features[$_.Name] = $_ }
            $failure = $null
            $events = try {
                @(Watch-EbpfTrace open -ProcessName sh -MaxEvents 1 -Duration 10 -ErrorAction Stop).Count
            }
            catch {
                $failure = [ordered]@{
                    Id       = $_.FullyQualifiedErrorId
                    Category = "$($_.CategoryInfo.Category)"
                    Message  = "$_"
                    Action   = $_.ErrorDetails.RecommendedAction
                    Errno    = $_.Exception.ErrnoName
                }
                0
            }
            [ordered]@{
                Features  = $features
                Mechanism = (Get-EbpfProbe open -ListAvailable).Mechanism
                Events    = $events
                Failure   = $failure
            }
        }
    }
}

Describe 'Test-EbpfSupport' {
    Context 'as root' {
        BeforeAll { $all = Test-EbpfSupport }

        It 'writes one object per feature, each with every property' {
            $all.Name | Should -Be ($all.Name | Select-Object -Unique)
            $all.Count | Should -BeGreaterThan 30
            foreach ($feature in $all) {
                $feature | Should -BeOfType EbpfPs.Bpf.KernelFeature
                $feature.Category.GetType().FullName | Should -Be 'EbpfPs.Bpf.KernelFeatureCategory'
                $feature.Supported | Should -BeOfType bool
                $feature.Description | Should -Match '\.$'
                $feature.Since | Should -Match '^(\d+\.\d+)?$'
                ($feature.Reason -eq '') | Should -Be $feature.Supported -Because $feature.Name
                ($feature.Remedy -eq '') | Should -Be $feature.Supported -Because $feature.Name
            }
        }

        It 'finds what the built-in probes stand on' {
            ($all | Where-Object Name -in kernel, libbpf, bpf, btf, tracepoint, tp_btf, ringbuf, CAP_BPF, CAP_PERFMON).Supported | Should -Be (, $true * 9)
        }

        It 'says where the library and the file systems are' {
            ($all | Where-Object Name -EQ libbpf).Detail | Should -Match '^v\d+\.\d+ from /.*libbpf\.so'
            Join-Path ($all | Where-Object Name -EQ tracefs).Detail events | Should -Exist
        }

        It 'leaves nothing behind' {
            $held = { Get-ChildItem /proc/self/fd | Where-Object LinkTarget -CMatch '^anon_inode:.*(bpf|btf|perf)' }
            Test-EbpfSupport | Out-Null
            & $held | Should -BeNullOrEmpty
        }
    }

    Context '-Name' {
        It 'takes names in any case, and several' {
            (Test-EbpfSupport XDP, cap_bpf).Name | Should -Be xdp, CAP_BPF
        }

        It 'takes wildcards and writes each feature once' {
            (Test-EbpfSupport CAP_*, CAP_BPF).Name | Should -Be CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_ADMIN
            Test-EbpfSupport no* | Should -BeNullOrEmpty
        }

        It 'goes on after a name that there is not' {
            $found = Test-EbpfSupport ktap, xdp -ErrorVariable failed -ErrorAction SilentlyContinue
            $found.Name | Should -Be xdp
            $failed.Count | Should -Be 1
            $failed[0].FullyQualifiedErrorId | Should -Be 'EbpfPs.NotFound,EbpfPs.Cmdlets.TestEbpfSupportCommand'
            $failed[0].CategoryInfo.Category | Should -Be ObjectNotFound
            $failed[0].TargetObject | Should -Be ktap
            $failed[0].ErrorDetails.RecommendedAction | Should -Match 'tracepoint'
        }

        It 'completes with tooltips' {
            $found = (TabExpansion2 'Test-EbpfSupport tp').CompletionMatches
            $found.CompletionText | Should -Be tp_btf
            $found.ToolTip | Should -Be 'Raw tracepoints with typed arguments.'
        }

        It 'completes the properties of what it writes' {
            (TabExpansion2 'Test-EbpfSupport | Where-Object Rem').CompletionMatches.CompletionText | Should -Be Remedy
        }
    }

    It 'shows a table by category, with the whole reason' {
        $text = [Management.Automation.Host.PSHostUserInterface]::GetOutputString((Test-EbpfSupport unprivileged_bpf, tp_btf | Out-String -Width 60), $false)
        $text | Should -Match 'Category: System'
        $text | Should -Match 'Category: Hook'
        $text | Should -Match 'tp_btf +True +5\.5 +loads and attaches'
        $text | Should -Not -Match '…'
    }

    Context 'without capabilities' {
        BeforeAll { $seen = Get-SupportIn setpriv, '--bounding-set=-all', '--inh-caps=-all' }

        It 'names what is missing' {
            $seen.Features.CAP_BPF.Reason | Should -Be 'This process lacks CAP_BPF.'
            $seen.Features.CAP_PERFMON.Supported | Should -BeFalse
            $seen.Features.bpf.Supported | Should -BeTrue
            $seen.Features.tp_btf.Reason | Should -Match '^EPERM on loading\. This process lacks CAP_BPF and CAP_PERFMON\.'
            $seen.Features.xdp.Reason | Should -Match '^EPERM on loading\. This process lacks CAP_BPF and CAP_NET_ADMIN\.'
            $seen.Features.bpf_stats.Reason | Should -Be 'EPERM. This process lacks CAP_SYS_ADMIN.'
        }

        It 'gives the same reason when a probe is started' {
            $seen.Mechanism | Should -BeNullOrEmpty
            $seen.Failure.Id | Should -Be 'EbpfPs.PermissionDenied,EbpfPs.Cmdlets.WatchEbpfTraceCommand'
            $seen.Failure.Category | Should -Be PermissionDenied
            $seen.Failure.Errno | Should -Be EPERM
            $seen.Failure.Message | Should -Match 'Operation not permitted \(EPERM\)\. This process lacks CAP_BPF and CAP_PERFMON\.'
            $seen.Failure.Action | Should -Match '--ambient-caps \+bpf,\+perfmon pwsh$'
        }
    }

    Context 'with CAP_BPF alone' {
        BeforeAll { $seen = Get-SupportIn setpriv, '--bounding-set=-all,+bpf', '--inh-caps=-all' }

        It 'misses CAP_PERFMON, and loads what does not trace' {
            $seen.Features.CAP_BPF.Supported | Should -BeTrue
            $seen.Features.tp_btf.Reason | Should -Be 'EPERM on loading. This process lacks CAP_PERFMON.'
            $seen.Features.cgroup_skb.Supported | Should -BeTrue
            $seen.Failure.Message | Should -Match 'This process lacks CAP_PERFMON\.$'
        }
    }

    Context 'as nobody with CAP_BPF and CAP_PERFMON' -Skip:(-not $reachable) {
        BeforeAll {
            # The repository may be where only root can read.
            Copy-Item $modulePath $TestDrive -Recurse
            chmod -R a+rX $TestDrive
            $seen = Get-SupportIn -Module "$TestDrive/EbpfPs" -Launcher 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups',
                '--inh-caps=+bpf,+perfmon', '--ambient-caps=+bpf,+perfmon', 'env', 'HOME=/tmp'
        }

        It 'traces through raw tracepoints, since tracefs is for root' {
            $seen.Features.tracefs.Reason | Should -Match 'this user may not read it'
            $seen.Features.tracepoint.Reason | Should -Match 'needs tracefs'
            $seen.Features.tp_btf.Supported | Should -BeTrue
            $seen.Mechanism | Should -Be 'raw tracepoint'
            $seen.Failure | Should -BeNullOrEmpty
            $seen.Events | Should -Be 1
        }
    }

    Context 'in a user namespace' {
        BeforeAll { $seen = Get-SupportIn unshare, '-U', '-r' }

        It 'does not take its capabilities for real ones' {
            $seen.Features.CAP_BPF.Reason | Should -Match '^This process has CAP_BPF only in a user namespace of its own'
            $seen.Failure.Id | Should -Match '^EbpfPs\.PermissionDenied,'
            $seen.Failure.Message | Should -Match 'has CAP_BPF and CAP_PERFMON only in a user namespace of its own'
            $seen.Failure.Action | Should -Match '^Run it outside the user namespace'
        }
    }

    Context 'under a seccomp filter that answers bpf(2) with <errno>' -ForEach @(
        @{ Errno = 'EPERM'; Id = 'PermissionDenied'; Cause = 'A seccomp filter on this process refuses bpf\(2\)\.' }
        @{ Errno = 'ENOSYS'; Id = 'NotSupported'; Cause = 'The kernel has bpf\(2\), but a seccomp filter on this process hides it\.' }
    ) {
        BeforeAll { $seen = Get-SupportIn (Get-Workload refuse), bpf, $Errno }

        It 'names the filter, not a capability' {
            foreach ($name in 'bpf', 'seccomp') {
                $seen.Features.$name.Reason | Should -Match "^$Cause`$"
                $seen.Features.$name.Remedy | Should -Match 'seccomp'
            }
            $seen.Features.tp_btf.Reason | Should -Match "^$Errno on loading\. $Cause`$"
            $seen.Features.CAP_BPF.Supported | Should -BeTrue
            $seen.Failure.Id | Should -Be "EbpfPs.$Id,EbpfPs.Cmdlets.WatchEbpfTraceCommand"
            $seen.Failure.Errno | Should -Be $Errno
            $seen.Failure.Message | Should -Match "\($Errno\)\. $Cause`$"
        }
    }

    Context 'under a seccomp filter that refuses perf_event_open(2)' {
        BeforeAll { $seen = Get-SupportIn (Get-Workload refuse), perf_event_open, EPERM }

        It 'traces through raw tracepoints, which do without' {
            $seen.Features.tracepoint.Reason | Should -Be 'EPERM on attaching. A seccomp filter on this process refuses perf_event_open(2), which attaching needs.'
            $seen.Features.tp_btf.Supported | Should -BeTrue
            $seen.Mechanism | Should -Be 'raw tracepoint'
            $seen.Events | Should -Be 1
        }
    }

    Context 'where the kernel''s BTF is hidden' {
        BeforeAll {
            New-Item -ItemType Directory "$TestDrive/empty" | Out-Null
            $seen = Get-SupportIn unshare, '-m', 'sh', '-c', "mount --bind '$TestDrive/empty' /sys/kernel/btf && exec `"`$0`" `"`$@`""
        }

        It 'says so, and names the kernel''s option' {
            $seen.Features.btf.Reason | Should -Be 'The kernel''s type information (BTF) is missing: there is no /sys/kernel/btf/vmlinux.'
            $seen.Features.btf.Remedy | Should -Match 'CONFIG_DEBUG_INFO_BTF=y'
            $seen.Features.tp_btf.Reason | Should -Be $seen.Features.btf.Reason
            $seen.Features.raw_tracepoint.Supported | Should -BeTrue
            $seen.Mechanism | Should -BeNullOrEmpty
            $seen.Failure.Id | Should -Be 'EbpfPs.NotSupported,EbpfPs.Cmdlets.WatchEbpfTraceCommand'
            $seen.Failure.Message | Should -Be "Could not load the eBPF object 'open'. $($seen.Features.btf.Reason)"
            $seen.Failure.Action | Should -Match 'CONFIG_DEBUG_INFO_BTF=y'
        }
    }

    Context 'where tracefs is not mounted' {
        BeforeAll {
            $seen = Get-SupportIn unshare, '-m', 'sh', '-c', 'umount -a -t tracefs && exec "$0" "$@"'
        }

        It 'counts on mounting it, which the first probe does' {
            $seen.Features.tracefs.Detail | Should -Match '^not mounted; the first probe'
            $seen.Features.tracepoint.Supported | Should -BeTrue
            $seen.Mechanism | Should -Be tracepoint
            $seen.Events | Should -Be 1
        }
    }

    Context 'without libbpf' {
        BeforeAll { $seen = Get-SupportIn env, 'EBPFPS_LIBBPF=/no/such/libbpf.so.1' }

        It 'names the library and the package' {
            $seen.Features.libbpf.Reason | Should -Match '/no/such/libbpf\.so\.1'
            $seen.Features.tp_btf.Reason | Should -Be $seen.Features.libbpf.Reason
            $seen.Features.bpf.Supported | Should -BeTrue
            $seen.Mechanism | Should -BeNullOrEmpty
            $seen.Failure.Id | Should -Be 'EbpfPs.LibraryMissing,EbpfPs.Cmdlets.WatchEbpfTraceCommand'
            $seen.Failure.Category | Should -Be NotInstalled
            $seen.Failure.Action | Should -Match 'apt install libbpf1'
        }
    }
}
