# What this process holds of the kernel.

# Programs, maps and links by their numbers, as 'prog_id 7'; and how many descriptors of the kinds that readers wait with.
function Get-HeldObject {
    param([int] $ProcessId = $PID)

    $ids = foreach ($file in [IO.Directory]::GetFiles("/proc/$ProcessId/fdinfo")) {
        # A descriptor may be closed between the listing and the look.
        try { $lines = [IO.File]::ReadAllLines($file) } catch [IO.IOException] { continue }
        foreach ($line in $lines) {
            if ($line -match '^(prog_id|map_id|link_id):\s*(\d+)') {
                "$($Matches[1]) $($Matches[2])"
            }
        }
    }

    @($ids | Sort-Object -Unique)
}

# Counts of descriptors that sessions, readers and watches of processes use.
function Get-HeldDescriptor {
    $counts = [ordered]@{ eventfd = 0; eventpoll = 0; pidfd = 0; perf_event = 0; cgroup = 0 }
    foreach ($file in [IO.Directory]::GetFileSystemEntries('/proc/self/fd')) {
        $target = [IO.FileInfo]::new($file).LinkTarget
        foreach ($kind in @($counts.Keys)) {
            if ($target -and ($target -eq "anon_inode:[$kind]" -or ($kind -eq 'cgroup' -and $target -like '*/cgroup/*'))) {
                $counts[$kind]++
            }
        }
    }

    ($counts.GetEnumerator() | ForEach-Object { "$($_.Key) $($_.Value)" }) -join ', '
}

# For AfterEach: no session, program, map, link or descriptor may outlive a test.
function Assert-NothingHeld {
    $sessions = @(Get-EbpfProbe)
    $held = @(Get-HeldObject)
    $descriptors = Get-HeldDescriptor

    # Not to be blamed on the next test too.
    $sessions | Stop-EbpfProbe -Confirm:$false | Out-Null
    @($sessions | ForEach-Object { "$($_.Id) $($_.Name)" }) | Should -BeNullOrEmpty -Because 'a test must stop the sessions that it starts'
    $held | Should -BeNullOrEmpty -Because 'nothing may be left in the kernel'
    $descriptors | Should -Be $script:descriptorsBefore -Because 'nothing may be left open'
}

# For BeforeEach.
function Save-HeldDescriptor {
    $script:descriptorsBefore = Get-HeldDescriptor
}

# The mount point of the cgroup v2 hierarchy, as proc_pid_mountinfo(5) has it; nothing where there is none.
function Get-CgroupMount {
    foreach ($line in [IO.File]::ReadAllLines('/proc/self/mountinfo')) {
        $fields = $line.Split(' ')
        $hyphen = [array]::IndexOf($fields, '-')
        if ($fields[$hyphen + 1] -eq 'cgroup2') {
            return $fields[4]
        }
    }
}

# Those of this process. What is pinned, or was attached without a link, has no owner at all, nor has what is just ending.
filter Select-Own {
    if (@($_.Owner | ForEach-Object ProcessId) -contains $PID) { $_ }
}
