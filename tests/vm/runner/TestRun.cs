using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EbpfPs.GuestRunner;

/// <summary>Finds and runs the kernel tests in this process, one at a time.</summary>
internal static class TestRun
{
    /// <summary>The trait of tests that an emulated processor is too slow for: [Trait("Load", "heavy")].</summary>
    private const string LoadTrait = "Load";

    private const string Heavy = "heavy";

    private static readonly AssemblyName _tests = typeof(KernelTests.KernelTest).Assembly.GetName();

    /// <summary>The tests with the text in their name.</summary>
    public static IEnumerable<TestName> List(string text)
    {
        using XunitTestFramework framework = new(new NullMessageSink());
        return Find(framework, text).Select(ResultSink.NameOf).ToArray();
    }

    /// <summary>Runs the tests with the text in their name; each result goes to the writer at once.</summary>
    /// <returns>0 when nothing failed.</returns>
    /// <param name="writer">Where the results go.</param>
    /// <param name="text">What a test's name must have in it.</param>
    /// <param name="heavy">Whether heavy tests run too; else each is named as skipped.</param>
    public static int Run(TextWriter writer, string text, bool heavy)
    {
        writer.WriteLine(TestLine.KernelMark + File.ReadAllText("/proc/sys/kernel/osrelease").Trim());
        using XunitTestFramework framework = new(new NullMessageSink());
        using XunitTestFrameworkExecutor executor = (XunitTestFrameworkExecutor)framework.GetExecutor(_tests);
        using ResultSink sink = new(writer);
        ITestCase[] all = Find(framework, text);
        foreach (ITestCase test in all.Where(test => !heavy && IsHeavy(test)))
        {
            sink.Write(new TestLine(Outcome.Skipped, ResultSink.NameOf(test), Text: KernelTable.HeavyReason));
        }

        executor.RunTests(all.Where(test => heavy || !IsHeavy(test)), sink, new Options());
        sink.WaitForEnd();
        writer.WriteLine(TestLine.EndMark);
        return sink.Failed == 0 ? 0 : 1;
    }

    private static ITestCase[] Find(XunitTestFramework framework, string text)
    {
        using CaseSink sink = new();
        using ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(Reflector.Wrap(Assembly.Load(_tests)));
        discoverer.Find(includeSourceInformation: false, sink, new Options());
        return sink.WaitForCases()
            .Where(test => ResultSink.NameOf(test).ToString().Contains(text, StringComparison.OrdinalIgnoreCase))
            .OrderBy(test => ResultSink.NameOf(test).Class, StringComparer.Ordinal)
            .ToArray();
    }

    private static bool IsHeavy(ITestCase test) =>
        test.Traits.TryGetValue(LoadTrait, out List<string>? values) && values.Contains(Heavy);

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
