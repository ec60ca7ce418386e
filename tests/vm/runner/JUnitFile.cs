using System.Globalization;
using System.Xml.Linq;

namespace EbpfPs.GuestRunner;

/// <summary>One kernel's results in the form that build servers read.</summary>
internal static class JUnitFile
{
    public static void Write(string path, KernelResults results)
    {
        XElement suite = new(
            "testsuite",
            new XAttribute("name", $"kernel {results.Release}"),
            new XAttribute("tests", results.Lines.Count),
            new XAttribute("failures", results.Count(Outcome.Failed)),
            new XAttribute("skipped", results.Count(Outcome.Skipped)),
            results.Lines.Select(line => new XElement(
                "testcase",
                new XAttribute("classname", $"{results.Label}.{line.Test.Class}"),
                new XAttribute("name", Printable(line.Test.Name)),
                new XAttribute("time", (line.Milliseconds / 1000.0).ToString("F3", CultureInfo.InvariantCulture)),
                Detail(line))));
        new XDocument(new XElement("testsuites", suite)).Save(path);
    }

    private static XElement? Detail(TestLine line) => line.Outcome switch
    {
        Outcome.Failed => new XElement("failure", Printable(line.Text)),
        Outcome.Skipped => new XElement("skipped", new XAttribute("message", Printable(line.Text))),
        _ => null,
    };

    /// <summary>XML has no place for most control characters, and tests are named after hostile text.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Select(c => c is '\n' or '\t' || (!char.IsControl(c) && !char.IsSurrogate(c) && c < 0xFFFE) ? c : '?'));
}
