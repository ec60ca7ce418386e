using System.Globalization;
using System.Text;

namespace EbpfPs.Bench;

/// <summary>Text with tables.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    public Markdown Line(string text = "")
    {
        _text.Append(text).Append('\n');
        return this;
    }

    /// <summary>A table; the first column is text, the others stand to the right.</summary>
    public Markdown Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        Row(head);
        Row(head.Select((_, i) => i == 0 ? "---" : "---:").ToArray());
        foreach (IReadOnlyList<string> row in rows)
        {
            Row(row);
        }

        return Line();
    }

    public override string ToString() => _text.ToString();

    /// <summary>A number with its thousands parted; empty where there is none.</summary>
    public static string Number(double? value, int digits = 0) =>
        value is double known ? known.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : "";

    private void Row(IReadOnlyList<string> cells) =>
        _text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
