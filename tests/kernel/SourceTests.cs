using EbpfPs.Bpf;
using EbpfPs.Codegen;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>C that is compiled for this kernel and loaded into it. It takes a compiler, which few machines have.</summary>
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
        BPF_LRU_HASH(lru, u32, u64); BPF_HISTOGRAM(s1); BPF_HISTOGRAM(s2, u32); BPF_HISTOGRAM(s3, u32, 10);
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
            events.perf_submit(ctx, &e, sizeof(e));
            return 0;
        }
        """, "tracepoint:sched:sched_process_exec"));

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
    [InlineData("function:no_such_function_at_all", "/proc/kallsyms")]
    public void APlaceThatIsNotSaysWhatThereIs(string hook, string hint)
    {
        SourceOptions options = new() { Source = "int f(void *ctx) { return 0; }", Hooks = [hook] };

        Assert.Contains(hint, Assert.Throws<EbpfException>(() => options.Compile()).Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int f(void *ctx) { return 0; }", "")]
    [InlineData("int f(void *ctx) { return 0; } int g(void *ctx) { return 0; }", "syscall:read")]
    [InlineData("static int f(void *ctx) { return 0; }", "syscall:read")]
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
