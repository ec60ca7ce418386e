using EbpfPs.Bpf;
using EbpfPs.Codegen;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>C that is compiled for this kernel and loaded into it. It takes a compiler, which few machines have.</summary>
[Trait("Load", "compiler")]
public sealed class SourceTests : KernelTest
{
    private const string Latency = """
        #include <uapi/linux/ptrace.h>
        BPF_HASH(start, u32);
        BPF_HISTOGRAM(dist);
        int enter(struct pt_regs *ctx) {
            u32 pid = bpf_get_current_pid_tgid();
            u64 ts = bpf_ktime_get_ns();
            start.update(&pid, &ts);
            return 0;
        }
        int leave(struct pt_regs *ctx) {
            u32 pid = bpf_get_current_pid_tgid();
            u64 *tsp = start.lookup(&pid);
            if (tsp != 0) {
                dist.increment(bpf_log2l((bpf_ktime_get_ns() - *tsp) / 1000));
                start.delete(&pid);
            }
            return PT_REGS_RC(ctx) < 0;
        }
        """;

    [SkippableSource]
    public void PlainCLoadsAndHasItsLines()
    {
        CompiledSource compiled = Compile("""
            SEC("tracepoint/syscalls/sys_enter_execve") int hello(struct trace_event_raw_sys_enter *ctx)
            {
                struct task_struct *task = (void *)bpf_get_current_task();
                return BPF_CORE_READ(task, real_parent, tgid) & 1;
            }
            """);

        SourceLine line = LineTable.Read(compiled.Image).FindText("return BPF_CORE_READ(task, real_parent, tgid) & 1;")!;
        Assert.Equal(("source.c", 4), (line.File, line.Line));
        Load(compiled);
    }

    [SkippableSource]
    public void MethodsOfMapsWork() =>
        Load(Compile(Latency, "syscall:read", "syscall-return:read"));

    [SkippableSource]
    public void ArgumentsOfASyscallAreFoundByName() =>
        Load(Compile("int f(struct pt_regs *ctx, const char __user *filename, int flags) { char n[64]; bpf_probe_read_user_str(n, sizeof(n), filename); bpf_trace_printk(\"%s %d\\n\", n, flags); return 0; }", "syscall:openat"));

    [SkippableSource]
    public void EveryKindOfMapCompilesAndLoads() => Load(Compile("""
        struct pair_t { int a; struct { int b; } c; };
        BPF_HASH(h1); BPF_HASH(h2, u32); BPF_HASH(h3, u32, struct pair_t); BPF_HASH(h4, u64, u32, 100);
        BPF_ARRAY(a1); BPF_ARRAY(a2, u32); BPF_ARRAY(a3, u64, 7); BPF_PERCPU_ARRAY(pa, u64, 3); BPF_PERCPU_HASH(ph, u32);
        BPF_LRU_HASH(lru, u32, u64); BPF_LRU_PERCPU_HASH(lruper, u32, u64); BPF_HISTOGRAM(s1);
        BPF_TABLE("percpu_array", int, u64, table, 4); struct prefix_t { u32 length; u32 address; }; BPF_LPM_TRIE(trie, struct prefix_t, u32);
        BPF_QUEUE(queue, u64, 10); BPF_STACK(stack, u64, 10, 0); BPF_STACK_TRACE(traces, 64); BPF_HISTOGRAM(s2, u32); BPF_HISTOGRAM(s3, u32, 10);
        BPF_PERF_OUTPUT(events); BPF_RINGBUF_OUTPUT(ring, 8);
        struct event_t { u32 pid; char comm[16]; };
        int f(void *ctx) {
            struct event_t e = {};
            u64 zero = 0, key = 1; u32 small = 2; int slot = 0;
            e.pid = bpf_get_current_pid_tgid() >> 32;
            bpf_get_current_comm(&e.comm, sizeof(e.comm));
            h1.increment(key); h2.increment(small, 5); h4.atomic_increment(key); a1.increment(slot); lru.insert(&small, &zero);
            u64 *found = h2.lookup_or_try_init(&small, &zero);
            if (found) { (*found)++; }
            s1.increment(bpf_log2l(key)); s2.increment(small); s3.increment(small); pa.increment(slot); ph.increment(small);
            ring.ringbuf_output(&e, sizeof(e), 0);
            struct event_t *r = ring.ringbuf_reserve(sizeof(struct event_t));
            if (r) { r->pid = 1; if (zero) ring.ringbuf_discard(r, 0); else ring.ringbuf_submit(r, 0); }
            struct prefix_t prefix = { .length = 32 };
            if (trie.lookup(&prefix)) { lruper.increment(small); }
            queue.push(&zero); queue.peek(&zero); queue.pop(&zero); stack.push(&zero, BPF_EXIST); stack.pop(&zero);
            table.increment(slot, traces.get_stackid(ctx, BPF_F_USER_STACK) + ring.ringbuf_query(0));
            events.perf_submit(ctx, &e, sizeof(e));
            return 0;
        }
        """, "tracepoint:sched:sched_process_exec"));

    [SkippableSource]
    public void NamesAndMacrosSayWhereProgramsRun()
    {
        CompiledSource compiled = Compile("""
            BPF_HISTOGRAM(sizes);
            TRACEPOINT_PROBE(sched, sched_process_exec) { char name[32]; TP_DATA_LOC_READ_STR(name, filename, sizeof(name)); return args->pid == 0 && name[0]; }
            int tracepoint__sched__sched_wakeup(struct tracepoint__sched__sched_wakeup *args) { sizes.increment(bpf_log2l(args->prio)); return args->comm[0] == 'x'; }
            RAW_TRACEPOINT_PROBE(sched_switch) { struct task_struct *next = (struct task_struct *)ctx->args[2]; return next->tgid == 0; }
            int syscall__openat(struct pt_regs *ctx, int dfd, const char *filename) { return dfd == 0; }
            int kprobe____x64_sys_close(struct pt_regs *ctx, unsigned int fd) { return fd == 0; }
            void kretprobe__sys_close(struct pt_regs *ctx) { sizes.increment(PT_REGS_RC(ctx) == 0); }
            static int helper(void *ctx) { return 0; }
            """);
        using OpenedBpfObject opened = OpenedBpfObject.Open("source", compiled.Image);

        Assert.Equal(
            [
                "raw_tracepoint/sched_switch", "tracepoint/sched/sched_process_exec", "tracepoint/sched/sched_wakeup",
                "tracepoint/syscalls/sys_enter_close", "tracepoint/syscalls/sys_enter_openat", "tracepoint/syscalls/sys_exit_close",
            ],
            opened.Programs.Select(program => program.Section).Order(StringComparer.Ordinal));
        Load(compiled);
    }

    [SkippableSource]
    public void APlaceThatIsGivenGoesBeforeTheName()
    {
        const string Source = "int syscall__close(void *ctx) { return 0; } int other(void *ctx) { return 0; }";
        Assert.Equal(["other tracepoint/syscalls/sys_enter_openat", "syscall__close tracepoint/syscalls/sys_enter_close"], Sections(Compile(Source, "syscall:openat")));
        Assert.Equal(["other tracepoint/syscalls/sys_enter_read", "syscall__close tracepoint/syscalls/sys_enter_openat"], Sections(Compile(Source, "syscall:openat", "syscall:read")));

        static IEnumerable<string> Sections(CompiledSource compiled)
        {
            using OpenedBpfObject opened = OpenedBpfObject.Open("source", compiled.Image);
            return opened.Programs.Select(program => $"{program.Name} {program.Section}").Order(StringComparer.Ordinal).ToArray();
        }
    }

    [SkippableSource]
    public void PointersIntoTheKernelAreRead() => Load(Compile("""
        BPF_HASH(tasks, u32, struct task_struct *);
        struct own_t { u64 a; };
        BPF_HASH(owns, u32, struct own_t);
        int f(void *ctx) {
            u32 key = 1;
            struct task_struct *task = (struct task_struct *)bpf_get_current_task();
            tasks.update(&key, &task);
            struct task_struct **kept = tasks.lookup(&key);
            if (!kept) return 0;
            struct task_struct *p = *kept;
            char name[16];
            bpf_probe_read_kernel(&name, sizeof(name), p->real_parent->comm);
            struct own_t *own = owns.lookup(&key);
            if (own) { own->a = p->start_time; own->a++; }
            u64 time = 0;
            bpf_probe_read_kernel(&time, sizeof(time), &p->real_parent->start_time);
            return p->real_parent->tgid + p->se.vruntime + time + name[0];
        }
        """, "syscall:getppid"));

    [SkippableSource]
    public void MembersOfTheCurrentTaskAreReadAsInAnyC()
    {
        if (KernelSupport.TaskBtf)
        {
            Load(Compile("int f(void *ctx) { struct task_struct *t = (struct task_struct *)bpf_get_current_task(); bpf_trace_printk(\"%d\\n\", t->real_parent->tgid); return 0; }", "syscall:execve"));
        }
    }

    [SkippableSource]
    public void ErrorsHaveTheUsersLineAndColumn()
    {
        CompiledSource compiled = new SourceOptions
        {
            Source = "BPF_HASH(start, u32);\nint f(void *ctx)\n{\n\tstart.update(&pid, 0);\n\treturn 0;\n}\n",
            Hooks = ["syscall:read"],
        }.Compile();

        Assert.Null(compiled.Image);
        CompilerDiagnostic error = Assert.Single(compiled.Diagnostics);
        Assert.Equal("source.c:4:16: use of undeclared identifier 'pid'\n\tstart.update(&pid, 0);\n\t              ^", error.ToString());
    }

    [SkippableSource]
    public void TheVerifiersRefusalNamesTheUsersLine()
    {
        CompiledSource compiled = Compile("BPF_HASH(start, u32);\nint f(void *ctx)\n{\n\tu32 pid = 1;\n\treturn *start.lookup(&pid);\n}\n", "syscall:read");

        EbpfException error = Assert.Throws<EbpfException>(() => Load(compiled));
        Assert.StartsWith(
            "The kernel's verifier refused program 'f': it uses a map's value that may be null, at line 5 of source.c, `return *start.lookup(&pid);`",
            error.Message,
            StringComparison.Ordinal);
    }

    [SkippableSource]
    public void AFileIncludesWhatIsBesideIt()
    {
        string folder = Directory.CreateTempSubdirectory("ebpfps-test-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "own.h"), "#define ANSWER 42\n");
            string file = Path.Combine(folder, "own.bpf.c");
            File.WriteAllText(file, "#include \"own.h\"\nint f(void *ctx) { return ANSWER; }\n");
            Load(new SourceOptions { Source = File.ReadAllText(file), File = file, Hooks = ["syscall:execve"] }.Compile());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("syscal:read", "syscall:NAME")]
    [InlineData("syscall:raed", "Did you mean 'read'?")]
    [InlineData("tracepoint:sched:no_such", "tracefs has them")]
    [InlineData("raw-tracepoint", "raw-tracepoint:NAME")]
    [InlineData("function:no_such_function_at_all", "/proc/kallsyms")]
    public void APlaceThatIsNotSaysWhatThereIs(string hook, string hint)
    {
        SourceOptions options = new() { Source = "int f(void *ctx) { return 0; }", Hooks = [hook] };

        Assert.Contains(hint, Assert.Throws<EbpfException>(() => options.Compile()).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void ATracepointThatIsNotThereIsNamed()
    {
        SourceOptions options = new() { Source = "TRACEPOINT_PROBE(sched, no_such) { return 0; }" };

        EbpfException error = Assert.Throws<EbpfException>(() => options.Compile());
        Assert.Equal((EbpfErrorId.NotFound, "There is no tracepoint 'sched:no_such'."), (error.Id, error.Message));
    }

    [Theory]
    [InlineData("int f(void *ctx) { return 0; }", "")]
    [InlineData("int f(void *ctx) { return 0; } int g(void *ctx) { return 0; }", "syscall:read")]
    [InlineData("static int f(void *ctx) { return 0; }", "syscall:read")]
    [InlineData("int syscall__no_such(void *ctx) { return 0; }", "")]
    [InlineData("int kprobe__(void *ctx) { return 0; }", "")]
    [InlineData("SEC(\"xdp\") int f(void *ctx) { return 0; }", "syscall:read")]
    public void HooksThatDoNotFitTheSourceAreRefused(string source, string hook)
    {
        SourceOptions options = new() { Source = source, Hooks = hook.Length == 0 ? [] : [hook] };

        EbpfException error = Assert.Throws<EbpfException>(() => options.Compile());
        Assert.Equal(EbpfErrorId.InvalidArgument, error.Id);
        Assert.NotEmpty(error.Hint);
    }

    private static CompiledSource Compile(string source, params string[] hooks)
    {
        CompiledSource compiled = new SourceOptions { Source = source, Hooks = hooks }.Compile();
        Assert.Empty(compiled.Diagnostics.Select(diagnostic => diagnostic.ToString()));
        return compiled;
    }

    private static void Load(CompiledSource compiled)
    {
        Assert.NotNull(compiled.Image);
        using OpenedBpfObject opened = OpenedBpfObject.Open("source", compiled.Image);
        using BpfObject loaded = opened.Load();
        Assert.NotEmpty(loaded.Programs);
    }

    /// <summary>A test that is skipped, by name, where there is no clang.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class SkippableSourceAttribute : FactAttribute
    {
        public SkippableSourceAttribute()
        {
            try
            {
                Clang.Find(Environment.GetEnvironmentVariable("PATH"));
            }
            catch (EbpfException error)
            {
                Skip = error.Message;
            }
        }
    }
}
