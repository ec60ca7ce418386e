using System.Globalization;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EbpfPs.GuestRunner;

/// <summary>Takes the tests that xunit finds.</summary>
internal sealed class CaseSink : IMessageSink, IDisposable
{
    private readonly List<ITestCase> _cases = [];
    private readonly ManualResetEventSlim _done = new();

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseDiscoveryMessage found:
                _cases.Add(found.TestCase);
                break;
            case IDiscoveryCompleteMessage:
                _done.Set();
                break;
        }

        return true;
    }

    public IReadOnlyList<ITestCase> WaitForCases()
    {
        _done.Wait();
        return _cases;
    }

    public void Dispose() => _done.Dispose();
}

/// <summary>Writes each test's result when xunit tells it.</summary>
internal sealed class ResultSink : IMessageSink, IDisposable
{
    /// <summary>A verifier's log can have megabytes; its end says why.</summary>
    private const int LongestText = 12_000;

    private readonly TextWriter _writer;
    private readonly ManualResetEventSlim _done = new();

    public ResultSink(TextWriter writer)
    {
        _writer = writer;
    }

    public int Failed { get; private set; }

    public static TestName NameOf(ITestCase test) => NameOf(test, test.DisplayName);

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestStarting starting:
                Write(new TestLine(Outcome.Started, NameOf(starting.TestCase, starting.Test.DisplayName)));
                break;
            case ITestPassed passed:
                Write(Ended(Outcome.Passed, passed, ""));
                break;
            case ITestSkipped skipped:
                Write(Ended(Outcome.Skipped, skipped, skipped.Reason));
                break;
            case ITestFailed failed:
                Write(Ended(Outcome.Failed, failed, Describe(failed)));
                break;
            case IErrorMessage or ITestAssemblyCleanupFailure or ITestCollectionCleanupFailure or ITestClassCleanupFailure
                or ITestMethodCleanupFailure or ITestCaseCleanupFailure or ITestCleanupFailure:
                Write(new TestLine(Outcome.Failed, new TestName("CleanUp", message.GetType().Name), Text: Describe((IFailureInformation)message)));
                break;
            case ITestAssemblyFinished:
                _done.Set();
                break;
        }

        return true;
    }

    public void Write(TestLine line)
    {
        Failed += line.Outcome == Outcome.Failed ? 1 : 0;
        _writer.WriteLine(line);
    }

    public void WaitForEnd() => _done.Wait();

    public void Dispose() => _done.Dispose();

    private static TestLine Ended(Outcome outcome, ITestResultMessage result, string text) =>
        new(outcome, NameOf(result.TestCase, result.Test.DisplayName), (long)(result.ExecutionTime * 1000), text);

    private static TestName NameOf(ITestCase test, string displayName)
    {
        string type = test.TestMethod.TestClass.Class.Name;
        string name = displayName.StartsWith(type + '.', StringComparison.Ordinal) ? displayName[(type.Length + 1)..] : displayName;
        return new TestName(type[(type.LastIndexOf('.') + 1)..], name);
    }

    private static string Describe(IFailureInformation failure)
    {
        IEnumerable<string> parts = Enumerable.Range(0, failure.Messages.Length)
            .Select(i => $"{failure.ExceptionTypes[i]}: {failure.Messages[i]}\n{failure.StackTraces[i]}");
        string text = string.Join('\n', parts);
        return text.Length <= LongestText
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text[..(LongestText / 4)]}\n[{text.Length - LongestText} characters left out]\n{text[^(LongestText * 3 / 4)..]}");
    }
}
