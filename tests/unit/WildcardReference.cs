using System.Text;

namespace EbpfPs.UnitTests;

/// <summary>
/// What a name pattern means, told character by character and with backtracking: slow, plain and written apart
/// from the automaton that is tested against it.
/// </summary>
internal sealed class WildcardReference
{
    private readonly List<Func<Rune, bool>?> _parts = [];

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public WildcardReference(string pattern)
    {
        Queue<Rune> left = new(pattern.EnumerateRunes());
        while (left.TryDequeue(out Rune c))
        {
            switch (c.Value)
            {
                case '*':
                    _parts.Add(null);
                    break;
                case '?':
                    _parts.Add(_ => true);
                    break;
                case '[':
                    _parts.Add(ReadSet(left));
                    break;
                case '`' when left.Count > 0:
                    _parts.Add(Single(left.Dequeue()));
                    break;
                default:
                    _parts.Add(Single(c));
                    break;
            }
        }
    }

    /// <summary>Whether the whole name matches.</summary>
    public bool IsMatch(string name) => IsMatch(name.EnumerateRunes().ToArray(), 0, 0);

    private static Func<Rune, bool> ReadSet(Queue<Rune> left)
    {
        List<(int From, int To)> ranges = [];
        while (true)
        {
            Rune c = Next(left);
            if (c.Value == ']' && ranges.Count > 0)
            {
                return rune => ranges.Any(range => Variants(rune).Any(variant => variant >= range.From && variant <= range.To));
            }

            int from = Literal(c, left), to = from;
            if (left.Count >= 2 && left.Peek().Value == '-' && left.ElementAt(1).Value != ']')
            {
                left.Dequeue();
                to = Literal(left.Dequeue(), left);
            }

            if (to < from || to >= 0x80)
            {
                throw new FormatException("range");
            }

            ranges.Add((from, to));
        }
    }

    private static int Literal(Rune c, Queue<Rune> left) => (c.Value == '`' && left.Count > 0 ? left.Dequeue() : c).Value;

    private static Rune Next(Queue<Rune> left) => left.TryDequeue(out Rune c) ? c : throw new FormatException("no end");

    private static Func<Rune, bool> Single(Rune wanted) => rune => Variants(rune).Contains(wanted.Value);

    private static IEnumerable<int> Variants(Rune rune) =>
        rune.IsAscii && char.IsAsciiLetter((char)rune.Value) ? [rune.Value, rune.Value ^ 0x20] : [rune.Value];

    private bool IsMatch(Rune[] name, int at, int part)
    {
        if (part == _parts.Count)
        {
            return at == name.Length;
        }

        if (_parts[part] is not Func<Rune, bool> accepts)
        {
            return IsMatch(name, at, part + 1) || (at < name.Length && IsMatch(name, at + 1, part));
        }

        return at < name.Length && accepts(name[at]) && IsMatch(name, at + 1, part + 1);
    }
}
