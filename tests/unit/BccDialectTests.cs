using EbpfPs.Codegen;

namespace EbpfPs.UnitTests;

/// <summary>The translation of bcc's dialect, without a compiler.</summary>
public sealed class BccDialectTests
{
    private static readonly EntryPoint _hello = new("hello", "tracepoint/syscalls/sys_enter_execve", ArgumentSource.SyscallEntry, ["filename", "argv", "envp"]);

    [Theory]
    [InlineData("SEC(\"xdp\") int f(void *ctx) { return 0; }", true)]
    [InlineData("// SEC(\"xdp\")\nint f(void *ctx) { return 0; }", false)]
    [InlineData("/* SEC(x) */ int f(void *ctx) { char *s = \"SEC(\"; return 0; }", false)]
    public void ASourceWithSectionsIsPlain(string source, bool plain) => Assert.Equal(plain, BccDialect.IsPlain(source));

    [Fact]
    public void MethodsOfMapsBecomeFunctionsAndNothingElseDoes()
    {
        string text = Translate("""
            BPF_HASH(start, u32);
            struct s { struct { int (*update)(int); } start; };
            int hello(void *ctx) {
                struct s x; // start.update(&a, &b)
                char t[] = "start.update(1)";
                start.update(&a, &b); start . delete (&a);
                x.start.update(1); other.update(2); int start2 = start.size;
                return 0;
            }
            """);

        Assert.Contains("start_update(&a, &b); start_delete (&a);", text, StringComparison.Ordinal);
        Assert.Contains("// start.update(&a, &b)", text, StringComparison.Ordinal);
        Assert.Contains("\"start.update(1)\"", text, StringComparison.Ordinal);
        Assert.Contains("x.start.update(1); other.update(2); int start2 = start.size;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void LinesStayWhereTheyAre()
    {
        const string Source = """
            #include <uapi/linux/ptrace.h>
            #include <bpf/bpf_helpers.h>
            BPF_HASH(start);

            int hello(struct pt_regs *ctx)
            {
                start
                    .delete(&key);
                return 0; /* line 9 */
            }
            """;
        string[] lines = Translate(Source).Split('\n');

        Assert.Equal("", lines[0].Trim());
        Assert.Equal("#include <bpf/bpf_helpers.h>", lines[1]);
        Assert.Equal("int static __attribute__((always_inline)) hello_body(struct pt_regs *ctx)", lines[4]);
        Assert.Equal("    start_delete", lines[6]);
        Assert.EndsWith("/* line 9 */", lines[8], StringComparison.Ordinal);
    }

    [Fact]
    public void AProgramCallsTheFunction()
    {
        string text = Translate("int hello(void *ctx) { return 0; }");

        Assert.EndsWith(
            "SEC(\"tracepoint/syscalls/sys_enter_execve\") int hello(struct trace_event_raw_sys_enter *context) { return hello_body((void *)context); }\n",
            text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("const char __user *envp, char *filename", "(const char __user *)context->args[2], (char *)context->args[0]")]
    [InlineData("char *a, int b", "(char *)context->args[0], (int)context->args[1]")]
    [InlineData("char *filename, int b", "(char *)context->args[0], (int)context->args[1]")]
    public void ArgumentsAreFoundByNameOrElseByPlace(string parameters, string arguments)
    {
        string text = Translate($"int hello(struct pt_regs *ctx, {parameters}) {{ return 0; }}");

        Assert.Contains($"hello_body((void *)context, {arguments})", text.Replace(" *)", " *)", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void TheTypeOfWhatIsSubmittedIsKept()
    {
        BccDialect dialect = new("BPF_PERF_OUTPUT(events); struct event_t { int a; }; int hello(void *ctx) { struct event_t e = {}; events.perf_submit(ctx, &e, sizeof(e)); return 0; }");

        Assert.Equal([KeyValuePair.Create("events", "event_t")], dialect.EventTypes);
        Assert.Contains("const struct event_t *record_type1", dialect.Translate([_hello]), StringComparison.Ordinal);
    }

    [Fact]
    public void EachBufferHasItsType()
    {
        BccDialect dialect = new("""
            BPF_PERF_OUTPUT(four); BPF_PERF_OUTPUT(six); BPF_RINGBUF_OUTPUT(ring, 8); BPF_PERF_OUTPUT(both); BPF_PERF_OUTPUT(odd);
            int hello(void *ctx) {
                struct a_t a = {}; struct b_t b = {}; struct c_t *c = 0; int d = 0;
                four.perf_submit(ctx, &a, sizeof(a)); six.perf_submit(ctx, (void *)&b, sizeof(b)); ring.ringbuf_output(c, sizeof(*c), 0);
                both.perf_submit(ctx, &a, sizeof(a)); both.perf_submit(ctx, &b, sizeof(b)); odd.perf_submit(ctx, &d, sizeof(d));
                return 0;
            }
            """);

        Assert.Equal(
            [KeyValuePair.Create("four", "a_t"), KeyValuePair.Create("ring", "c_t"), KeyValuePair.Create("six", "b_t")],
            dialect.EventTypes.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void AFunctionThatReturnsNothingIsAProgramToo()
    {
        string text = Translate("void hello(void *ctx) { }");

        Assert.Contains("{ hello_body((void *)context); return 0; }", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AMemberOfAFunctionsNameStaysItself()
    {
        string text = Translate("struct key_t { char hello[16]; }; int hello(void *ctx) { struct key_t k = {}; return k.hello[0]; }");

        Assert.Contains("char hello[16]", text, StringComparison.Ordinal);
        Assert.Contains("k.hello[0]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TablesAreNamedWithoutQuotationMarks()
    {
        string text = Translate("BPF_TABLE(\"hash\", struct { int a, b; }, u64, counts, 10); int hello(void *ctx) { counts.increment(1); return 0; }");

        Assert.StartsWith("BPF_TABLE(hash, struct { int a, b; }, u64, counts, 10);", text, StringComparison.Ordinal);
        Assert.Contains("counts_increment(1)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TracepointsThatItNamesAreKnown()
    {
        BccDialect dialect = new("TRACEPOINT_PROBE(block, block_rq_issue) { return 0; } int f(struct tracepoint__sched__sched_switch *args) { return 0; }");

        Assert.True(dialect.HasProbes);
        Assert.Equal(["block__block_rq_issue", "sched__sched_switch"], dialect.Tracepoints);
        Assert.Equal(["f"], dialect.Functions.Select(function => function.Name.Value));
        Assert.False(new BccDialect("int f(void *ctx) { TRACEPOINT_PROBE(1); }").HasProbes);
    }

    [Theory]
    [InlineData("PT_REGS_IP(ctx)", true)]
    [InlineData("PT_REGS_PARM1(ctx)", false)]
    [InlineData("0 /* PT_REGS_IP(ctx) */", false)]
    public void KnowsWhichRegistersOnlyKprobesHave(string value, bool uses) =>
        Assert.Equal(uses, new BccDialect($"int f(void *ctx) {{ return {value}; }}").UsesRegisters);

    [Theory]
    [InlineData("BPF_PROG_ARRAY(jumps, 10);\nint hello(void *ctx) { return 0; }", 1, 1, "BPF_PROG_ARRAY() of bcc isn't done here. Programs call each other as static functions here.")]
    [InlineData("\n  BPF_SOCKHASH(socks);\nint hello(void *ctx) { return 0; }", 2, 3, "BPF_SOCKHASH() of bcc isn't done here. about_EbpfPs_Programs lists")]
    [InlineData("BPF_HASH(a);\nint hello(void *ctx) {\n\ta.clear();\n}", 3, 4, "maps have no method clear() here. There are: lookup")]
    [InlineData("int hello(void *ctx) { u64 x = 0; bpf_usdt_readarg(1, ctx, &x); }", 1, 35, "SEC(\"usdt/FILE:PROVIDER:NAME\")")]
    [InlineData("BPF_ITER(task) { return 0; }", 1, 1, "SEC(\"iter/...\")")]
    public void WhatIsNotDoneIsSaidAtItsPlace(string source, int line, int column, string message)
    {
        CompilerDiagnostic problem = Assert.Single(new BccDialect(source).Problems("x.c"));

        Assert.Equal((line, column, "x.c"), (problem.Line, problem.Column, problem.File));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(source.Split('\n')[line - 1], problem.Text);
    }

    [Fact]
    public void WhatIsDoneIsNoProblem() => Assert.Empty(new BccDialect("""
        BPF_HASH(a); BPF_QUEUE(q, u64, 10); BPF_STACK_TRACE(s, 10); BPF_LPM_TRIE(t, struct k); BPF_TABLE("array", u32, u64, b, 3);
        TRACEPOINT_PROBE(a, b) { a.increment(1); q.push(&x); s.get_stackid(args, 0); x.clear(); return BPF_CORE_READ(y, z); }
        """).Problems("x.c"));

    [Theory]
    [InlineData("x = sk->a;", "x = EBPFPS_READ(sk->a);")]
    [InlineData("x = sk->a.b[2].c;", "x = EBPFPS_READ(sk->a.b[2].c);")]
    [InlineData("x = sk->a->b.c;", "x = EBPFPS_READ(EBPFPS_READ(sk->a)->b.c);")]
    [InlineData("f(&sk->a->b);", "f(&EBPFPS_READ(sk->a)->b);")]
    [InlineData("f((void *)&sk->a);", "f((void *)&sk->a);")]
    [InlineData("x = y & sk->a;", "x = y & EBPFPS_READ(sk->a);")]
    [InlineData("if (y && sk->a) {}", "if (y && EBPFPS_READ(sk->a)) {}")]
    [InlineData("if (sk->a == 1) {}", "if (EBPFPS_READ(sk->a) == 1) {}")]
    [InlineData("sk->a = 1; sk->a += 1; sk->a++;", "sk->a = 1; sk->a += 1; sk->a++;")]
    [InlineData("x = sizeof(sk->a);", "x = sizeof(sk->a);")]
    [InlineData("x = own->a; x = y.sk->a; x = ctx->di; x = args->b;", "x = own->a; x = y.sk->a; x = ctx->di; x = args->b;")]
    [InlineData("x = ((struct task_struct *)y)->tgid;", "x = EBPFPS_READ(((struct task_struct *)y)->tgid);")]
    [InlineData("// sk->a", "// sk->a")]
    [InlineData("{ struct own_t *sk = y; x = sk->a; }", "{ struct own_t *sk = y; x = sk->a; }")]
    public void ReadsOfTheKernelsMemoryGoThroughAHelper(string statement, string expected)
    {
        string text = Translate($"struct own_t {{ int a; }};\nint hello(struct pt_regs *ctx, struct sock *sk, struct own_t *own, struct tracepoint__a__b *args) {{\n{statement}\nreturn 0; }}");

        Assert.Equal(expected, text.Split('\n')[2]);
    }

    [Fact]
    public void OnlyFunctionsThatTakeAContextAndAreNotStaticArePrograms()
    {
        BccDialect dialect = new("static int a(void *x) { return 0; } static inline int b(int x) { return 1; } int c(void); int hello(void *ctx) { if (a(ctx)) { return 0; } return 1; }");

        Assert.Equal(["hello"], dialect.Functions.Select(function => function.Name.Value));
    }

    [Theory]
    [InlineData("char l[] SEC(\"license\") = \"GPL\";", true)]
    [InlineData("/* \"license\" */ int x;", false)]
    public void KnowsWhetherThereIsALicence(string source, bool has) => Assert.Equal(has, BccDialect.HasLicence(source));

    [Theory]
    [InlineData("\"")]
    [InlineData("'")]
    [InlineData("/*")]
    [InlineData("int f(")]
    [InlineData("}}}))")]
    [InlineData("#include")]
    [InlineData("BPF_HASH(")]
    [InlineData("events.perf_submit(ctx, &")]
    [InlineData("")]
    public void WhatIsNoCIsLeftToTheCompiler(string source)
    {
        BccDialect dialect = new(source);

        Assert.Empty(dialect.Functions);
        Assert.StartsWith(source, dialect.Translate([]), StringComparison.Ordinal);
    }

    private static string Translate(string source) => new BccDialect(source).Translate([_hello]);
}
