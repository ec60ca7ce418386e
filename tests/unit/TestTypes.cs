using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

/// <summary>The types of tests/objects/maps.bpf.c, as the compiler describes them.</summary>
internal static class TestTypes
{
    private static readonly Lazy<Dictionary<string, BtfType>> _byText = new(ReadAll);

    /// <summary>A type by what C calls it, such as <c>struct everything</c>.</summary>
    public static BtfType Get(string text) => _byText.Value[text];

    private static Dictionary<string, BtfType> ReadAll()
    {
        // libbpf fills in how large sections are; the compiler leaves that open.
        using OpenedBpfObject obj = OpenedBpfObject.Open("maps", BuiltObjects.ReadOwn("maps"));
        Dictionary<string, BtfType> found = [];
        for (int id = 1; ; id++)
        {
            try
            {
                BtfType type = obj.Btf.TypeOf(id);
                found.TryAdd(type.Text, type);
            }
            catch (EbpfException error) when (error.Message.Contains("doesn't exist", StringComparison.Ordinal))
            {
                return found;
            }
        }
    }
}
