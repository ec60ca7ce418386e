using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EbpfPs.GuestRunner;

/// <summary>Finds and runs the kernel tests in this process, one at a time.</summary>
internal static class TestRun
{
    /// <summary>
    /// The trait of tests that an emulated processor is too slow for, [Trait("Load", "heavy")], that compile C there,
    /// [Trait("Load", "compiler")], or start the agent, [Trait("Load", "agent")].
    /// </summary>
    private const string LoadTrait = "Load";

    private const string Heavy = "heavy";
    private const string Compiler = "compiler";
    private const string Agent = "agent";

    private const string LockdownFile = "/sys/kernel/security/lockdown";

    private static readonly AssemblyName _tests = typeof(KernelTests.KernelTest).Assembly.GetName();

    /// <summary>The tests with the text in their name, or with one of several between commas.</summary>
    public static IEnumerable<TestName> List(string text)
    {
        using XunitTestFramework framework = new(new NullMessageSink());
        return Find(framework, text).Select(ResultSink.NameOf).ToArray();
    }

    /// <summary>
    /// Runs the tests with the text in their name; each result goes to the writer at once. A guest leaves out the heavy
    /// ones, by name, and is locked down at last for those that need that.
    /// </summary>
    /// <returns>0 when nothing failed.</returns>
    /// <param name="writer">Where the results go.</param>
    /// <param name="text">What a test's name must have in it.</param>
    /// <param name="guest">Whether this is an emulated machine.</param>
    /// <param name="agent">Whether the tests of the agent run there too.</param>
    public static int Run(TextWriter writer, string text, bool guest, bool agent)
    {
        writer.WriteLine(TestLine.KernelMark + File.ReadAllText("/proc/sys/kernel/osrelease").Trim());
        using XunitTestFramework framework = new(new NullMessageSink());
        ITestCase[] all = Find(framework, text);
        ILookup<string?, ITestCase> byReason = all.ToLookup(test => guest ? WhyLeftOut(test, agent) : null);
        ITestCase[] last = all.Where(test => guest && ResultSink.NameOf(test).Class == nameof(KernelTests.LockdownTests)).ToArray();
        int failed = Run(framework, writer, byReason[null].Except(last));
        foreach (IGrouping<string?, ITestCase> left in byReason.Where(tests => tests.Key is not null))
        {
            foreach (ITestCase test in left)
            {
                writer.WriteLine(new TestLine(Outcome.Skipped, ResultSink.NameOf(test), Text: left.Key!));
            }
        }

        if (last.Length > 0)
        {
            LockDown();
            failed += Run(framework, writer, last);
        }

        writer.WriteLine(TestLine.EndMark);
        return failed == 0 ? 0 : 1;
    }

    private static int Run(XunitTestFramework framework, TextWriter writer, IEnumerable<ITestCase> tests)
    {
        using XunitTestFrameworkExecutor executor = (XunitTestFrameworkExecutor)framework.GetExecutor(_tests);
        using ResultSink sink = new(writer);
        executor.RunTests(tests, sink, new Options());
        sink.WaitForEnd();
        return sink.Failed;
    }

    /// <summary>Where it can't be done, the tests that find the kernel not locked down say so.</summary>
    private static void LockDown()
    {
        try
        {
            File.WriteAllText(LockdownFile, "confidentiality");
        }
        catch (IOException error)
        {
            Console.WriteLine($"{LockdownFile}: {error.Message}");
        }
    }

    private static ITestCase[] Find(XunitTestFramework framework, string text)
    {
        using CaseSink sink = new();
        using ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(Reflector.Wrap(Assembly.Load(_tests)));
        discoverer.Find(includeSourceInformation: false, sink, new Options());
        string[] wanted = text.Split(',');
        return sink.WaitForCases()
            .Where(test => Array.Exists(wanted, part => ResultSink.NameOf(test).ToString().Contains(part, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(test => ResultSink.NameOf(test).Class, StringComparer.Ordinal)
            .ToArray();
    }

    private static string? WhyLeftOut(ITestCase test, bool agent)
    {
        List<string> loads = test.Traits.TryGetValue(LoadTrait, out List<string>? values) ? values : [];
        return loads.Contains(Heavy) ? KernelTable.HeavyReason
            : loads.Contains(Compiler) && !File.Exists("/usr/bin/clang") ? KernelTable.CompilerReason
            : loads.Contains(Agent) && !agent ? KernelTable.AgentReason
            : null;
    }

    /// <summary>xunit's settings: none but its defaults.</summary>
    private sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
    {
        private readonly Dictionary<string, object?> _values = new()
        {
            ["xunit.execution.DisableParallelization"] = true,
            ["xunit.execution.SynchronousMessageReporting"] = true,
        };

        public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out object? value) ? (TValue)value! : default!;

        public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
    }
}
