# What the methods of bcc's maps do, each seen in a number that the program keeps.

BeforeAll {
    . $PSScriptRoot/common.ps1

    # The syscall that the program looks at; nothing else in this process makes it.
    Add-Type -Namespace MethodTests -Name Native -MemberDefinition '[DllImport("libc")] public static extern int getppid();'
}

Describe 'Methods of maps' {
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'do what bcc''s do' {
        $session = Start-EbpfProbe -Source @'
        struct told_t { u64 number; char name[8]; };
        BPF_HASH(results, u32);
        BPF_HASH(hash, u32); BPF_HASH(small, u32, u32); BPF_LRU_HASH(lru, u32, u64); BPF_PERCPU_HASH(each, u32);
        BPF_TABLE("array", int, u64, table, 4);
        BPF_QUEUE(queue, u64, 10); BPF_STACK(stack, u64, 10);
        BPF_RINGBUF_OUTPUT(ring, 8);
        static inline void tell(u32 number, u64 value) { results.update(&number, &value); }
        TRACEPOINT_PROBE(syscalls, sys_enter_getppid) {
            u32 key = 1; u64 value = 7, other = 9, *found; int slot = 2;
            u64 one = 0, two = 0;
            if (bpf_get_current_pid_tgid() >> 32 != OWN) return 0;
            tell(1, hash.lookup(&key) == 0);
            hash.update(&key, &value); hash.update(&key, &other); found = hash.lookup(&key); tell(2, found ? *found : 0);
            tell(3, hash.insert(&key, &value) != 0); found = hash.lookup(&key); tell(4, found ? *found : 0);
            hash.delete(&key); tell(5, hash.lookup(&key) == 0);
            found = hash.lookup_or_try_init(&key, &value); tell(6, found ? *found : 0);
            found = hash.lookup_or_init(&key, &other); tell(7, found ? *found : 0);
            hash.increment(key); hash.increment(key, 10); hash.atomic_increment(key); found = hash.lookup(&key); tell(8, found ? *found : 0);
            small.increment(key, 3); u32 *narrow = small.lookup(&key); tell(9, narrow ? *narrow : 0);
            table.increment(slot, 5); found = table.lookup(&slot); tell(10, found ? *found : 0);
            queue.push(&value); queue.push(&other); queue.peek(&one); queue.pop(&two); tell(11, one * 100 + two);
            stack.push(&value); stack.push(&other); stack.pop(&one); stack.pop(&two); tell(12, one * 100 + two);
            tell(13, queue.pop(&one) == 0 && queue.pop(&two) != 0);
            lru.update(&key, &value); each.increment(key, 4);
            struct told_t *told = ring.ringbuf_reserve(sizeof(struct told_t));
            if (told) { told->number = 1; ring.ringbuf_discard(told, 0); }
            told = ring.ringbuf_reserve(sizeof(struct told_t));
            if (told) { told->number = 2; __builtin_memcpy(told->name, "kept", 5); ring.ringbuf_submit(told, 0); }
            struct told_t copy = { .number = 3 };
            ring.ringbuf_output(&copy, sizeof(copy), 0);
            return 0;
        }
'@.Replace('OWN', $PID)
        try {
            [void][MethodTests.Native]::getppid()
            $results = $session | Get-EbpfMapEntry results | Sort-Object Key
            $results.Value | Should -Be 1, 9, 1, 9, 1, 7, 7, 19, 3, 5, 707, 907, 1
            ($session | Get-EbpfMapEntry lru).Value | Should -Be 7
            ($session | Get-EbpfMapEntry each).Value | Should -Be 4
            $records = @($session | Receive-EbpfEvent)
            $records.number | Should -Be 2, 3
            $records[0].name | Should -BeExactly kept
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }

    It 'read strings of variable length of a tracepoint' {
        $session = Start-EbpfProbe -Source @'
        BPF_PERF_OUTPUT(events);
        struct event_t { u32 pid; char file[64]; };
        TRACEPOINT_PROBE(sched, sched_process_exec) {
            struct event_t e = { .pid = args->pid };
            TP_DATA_LOC_READ_STR(e.file, filename, sizeof(e.file));
            events.perf_submit(args, &e, sizeof(e));
            return 0;
        }
'@
        try {
            $process = Start-Process /bin/true -PassThru -Wait
            $own = @($session | Receive-EbpfEvent | Where-Object pid -EQ $process.Id)
            $own.file | Should -BeExactly '/bin/true'
        }
        finally {
            $null = $session | Stop-EbpfProbe
        }
    }
}
