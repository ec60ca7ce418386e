using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EbpfPs.Codegen;

/// <summary>How bad it is what the compiler says.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The object was made.</summary>
    Warning,

    /// <summary>No object was made.</summary>
    Error,
}

/// <summary>One thing that the compiler says about a source.</summary>
/// <param name="Severity">Whether it kept the object from being made.</param>
/// <param name="File">The file, as it was named to the compiler; empty where it is no line's fault.</param>
/// <param name="Line">Counted from 1; 0 where it is no line's fault.</param>
/// <param name="Column">Counted from 1, in bytes of the line; 0 where it is no line's fault.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Text">The line of the source; empty where it is not known.</param>
public sealed partial record CompilerDiagnostic(DiagnosticSeverity Severity, string File, int Line, int Column, string Message, string Text)
{
    /// <summary>A line of blanks and tabs with a caret below the column of <see cref="Text"/>.</summary>
    public string Caret
    {
        get
        {
            StringBuilder caret = new();
            int bytes = 0;
            foreach (Rune rune in Text.EnumerateRunes())
            {
                if (bytes >= Column - 1)
                {
                    break;
                }

                caret.Append(rune.Value == '\t' ? '\t' : ' ');
                bytes += rune.Utf8SequenceLength;
            }

            return caret.Append('^').ToString();
        }
    }

    /// <summary>As compilers print it: place and message, the line, and a caret below it.</summary>
    public override string ToString()
    {
        string place = Line == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: ");
        return Text.Length == 0 ? place + Message : $"{place}{Message}\n{Text}\n{Caret}";
    }

    /// <summary>Reads what clang printed with -fno-caret-diagnostics; notes are left out.</summary>
    /// <param name="printed">Its standard error.</param>
    /// <param name="file">The name that the source has there.</param>
    /// <param name="source">The source as the user wrote it, for the lines' text.</param>
    internal static IReadOnlyList<CompilerDiagnostic> Read(string printed, string file, string source)
    {
        string[] lines = source.Split('\n');
        List<CompilerDiagnostic> found = [];
        foreach (Match match in Statement().Matches(printed))
        {
            _ = int.TryParse(match.Groups["line"].Value, CultureInfo.InvariantCulture, out int line);
            _ = int.TryParse(match.Groups["column"].Value, CultureInfo.InvariantCulture, out int column);
            bool own = match.Groups["file"].Value == file && line >= 1 && line <= lines.Length;
            found.Add(new CompilerDiagnostic(
                match.Groups["severity"].Value == "warning" ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error,
                match.Groups["file"].Value,
                line,
                column,
                match.Groups["message"].Value,
                own ? lines[line - 1].TrimEnd('\r') : ""));
        }

        return found;
    }

    [GeneratedRegex(@"^(?:(?<file>[^\n]+?):(?<line>\d+):(?<column>\d+): |[^\n:]*: )?(?<severity>fatal error|error|warning): (?<message>[^\n]*?)(?: \[-W[^\]\n]+\])?\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Statement();
}
