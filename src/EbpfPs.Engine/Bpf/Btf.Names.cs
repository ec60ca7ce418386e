using System.Text;

namespace EbpfPs.Bpf;

/// <content>Types by their names.</content>
public sealed partial class Btf
{
    /// <summary>How many types there are, with <c>void</c>; ids are below.</summary>
    public int Count => _offsets.Count;

    /// <summary>What a type, a function or a variable is called.</summary>
    /// <param name="id">Its number.</param>
    /// <returns>The name; empty where it has none.</returns>
    /// <exception cref="EbpfException">There is no such type.</exception>
    public string NameOfType(int id) => id == 0 ? "" : NameOf(id);

    /// <summary>What a type is.</summary>
    /// <param name="id">Its number, below <see cref="Count"/>.</param>
    public BtfKind KindOfType(int id) => id == 0 ? BtfKind.Void : (BtfKind)KindOf(id);

    /// <summary>The types of a name, those of a module before those that it stands on.</summary>
    /// <param name="name">The name, whole.</param>
    /// <param name="kind">Only types of this kind; null for all.</param>
    /// <returns>Their numbers.</returns>
    public IEnumerable<int> Find(string name, BtfKind? kind = null)
    {
        // The bytes are compared: the kernel has 100,000 types and more, and few of them are meant.
        byte[] wanted = [.. Encoding.UTF8.GetBytes(name), 0];
        return Enumerable.Range(FirstOwn, Count - FirstOwn)
            .Concat(Enumerable.Range(1, FirstOwn - 1))
            .Where(id => (kind is null || KindOfType(id) == kind) && HasName(id, wanted));
    }

    private bool HasName(int id, ReadOnlySpan<byte> name)
    {
        int at = Int(_offsets[id]);
        return at >= 0 && at < _strings.Length && _strings.AsSpan(at).StartsWith(name);
    }

    /// <summary>Text among the names: a line of the source, a file.</summary>
    /// <param name="offset">Bytes from the start of the names.</param>
    /// <exception cref="EbpfException">The offset lies beyond them.</exception>
    internal string TextAt(int offset) => Text(offset);
}
