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

        Assert.Equal("event_t", dialect.EventType);
        Assert.Contains("const struct event_t *record_type", dialect.Translate([_hello]), StringComparison.Ordinal);
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
