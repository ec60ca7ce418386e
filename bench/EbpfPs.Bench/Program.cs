using System.Globalization;

namespace EbpfPs.Bench;

/// <summary>Measures EbpfPs beside its peers, in one run, and writes what it found.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // In its own place for a process that decodes and no more: see Own.Tracers.
        if (arguments is ["read", string probe, string load, .. string[] syscall])
        {
            EngineReader.Run(probe, load, syscall.FirstOrDefault());
            return 0;
        }

        try
        {
            Run(Options.Parse(arguments));
            return 0;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            Console.Error.WriteLine($"{error.Message}\n{Options.Usage}");
            return 2;
        }
    }

    private static void Run(Options options)
    {
        Results results = new() { Versions = new Peers(options).Versions().ToArray(), Repeat = options.Repeat, LoadAverage = Machine.LoadAverage };
        PowerShellBench shell = new(options);
        if (options.Wants("decode"))
        {
            results = results with { Decode = DecodeBench.Run() };
        }

        results = results with { Scenarios = Scenario.All(options).Select(one => ScenarioRunner.Run(one, options.Repeat)).ToArray() };
        if (options.Wants("pwsh") && shell.Missing.Length == 0)
        {
            results = results with { PowerShell = shell.Run() };
        }

        if (options.Wants("rates"))
        {
            results = results with { Rates = new RateBench(options).Run() };
        }

        Directory.CreateDirectory(options.Output);
        string text = Report.Full(results);
        string day = DateTime.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Write(options, $"{day}-{Machine.Kernel}.md", text);
        Write(options, "latest.md", text);
        Write(options, "readme.md", Report.Short(results));
        Console.Write(text);
    }

    private static void Write(Options options, string name, string text) => File.WriteAllText(Path.Combine(options.Output, name), text);
}
