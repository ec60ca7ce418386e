namespace EbpfPs.Bench;

/// <summary>Tells on the error stream what is being measured; the results go to files.</summary>
internal static class Progress
{
    private static readonly System.Diagnostics.Stopwatch _time = System.Diagnostics.Stopwatch.StartNew();

    public static void Say(FormattableString text) =>
        Console.Error.WriteLine($"{_time.Elapsed.TotalSeconds,6:F1} s  {FormattableString.Invariant(text)}");
}
