using System.Text.RegularExpressions;
using EbpfPs.Bpf;
using EbpfPs.Probes;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>The kernel's types as C, compared with what libbpf writes for bpftool.</summary>
public sealed partial class TypeTests : KernelTest
{
    private static readonly (Btf Types, string Source) _kernel = TypeCatalog.OfKernel(KernelBtf.Kernel);

    [Theory]
    [InlineData("struct", BtfKind.Struct, 5_000)]
    [InlineData("union", BtfKind.Union, 50)]
    [InlineData("enum", BtfKind.Enum, 500)]
    public void DefinitionsAreThoseOfBpftool(string keyword, BtfKind kind, int least)
    {
        string dump = BpftoolText.Value;
        Dictionary<string, HashSet<string>> own = TypeCatalog.Find(_kernel, isWanted: null, kind == BtfKind.Enum ? [kind, BtfKind.Enum64] : [kind])
            .GroupBy(type => type.Name)
            .ToDictionary(same => same.Key, same => same.Select(type => Normal(type.Definition)).ToHashSet());
        int compared = 0;
        foreach (Match match in Regex.Matches(dump, $@"^{keyword} (\w+) \{{\n.*?^\}}[^\n]*;", RegexOptions.Singleline | RegexOptions.Multiline))
        {
            // Of types with one name bpftool calls all but the first otherwise, and so what they are used in.
            string text = Normal(match.Value);
            if (!text.Contains("___", StringComparison.Ordinal))
            {
                Assert.Contains(text, own[match.Groups[1].Value]);
                compared++;
            }
        }

        Assert.InRange(compared, least, 1_000_000);
    }

    [Fact]
    public void AStructIsATreeOfItsMembers()
    {
        TypeDescription file = Assert.Single(TypeCatalog.Find(_kernel, "file", [BtfKind.Struct]));

        // Since Linux 6.16 in a union without a name, and const there.
        TypeMember path = Assert.Single(
            file.Member.Concat(file.Member.Where(member => member.Name.Length == 0).SelectMany(member => member.Member)),
            member => member.Name == "f_path");

        Assert.Equal(["mnt", "dentry"], path.Member.Select(member => member.Name));
        Assert.Equal(["struct vfsmount *", "struct dentry *"], path.Member.Select(member => member.Type));
        Assert.Equal((16, 0, 8), (path.Size, path.Member[0].Offset, path.Member[1].Offset));
        Assert.Empty(path.Member[0].Member);
        Assert.InRange(file.Member.Max(member => member.Offset + member.Size), file.Size - 64, file.Size);
        TypeDescription kind = Assert.Single(TypeCatalog.Find(_kernel, "pid_type", [BtfKind.Enum]));
        Assert.Equal(new TypeValue("PIDTYPE_PID", 0), kind.Value[0]);
        TypeDescription function = Assert.Single(TypeCatalog.Find(_kernel, "vfs_open", [BtfKind.Function]));
        Assert.Equal(("int", 2), (function.ReturnType, function.Member.Count));
        Assert.Equal("const struct path *", function.Member[0].Type);
    }

    [Fact]
    public void AnObjectHasItsOwnTypes()
    {
        (Btf Types, string Source) from = TypeCatalog.OfFile(Path.Combine(AppContext.BaseDirectory, "objects", "maps.bpf.o"));

        TypeDescription everything = Assert.Single(TypeCatalog.Find(from, "everything", [BtfKind.Struct]));
        Assert.Contains("\tunsigned int low_bits: 3;\n", everything.Definition, StringComparison.Ordinal);
        Assert.Contains("\tint matrix[2][3];\n", everything.Definition, StringComparison.Ordinal);
        Assert.Contains("\tunion {\n\t\tu32 whole;\n\t\tu16 halves[2];\n\t};\n", everything.Definition, StringComparison.Ordinal);
        Assert.Equal(208, everything.Size);
        Assert.Equal(3, everything.Member.Single(member => member.Name == "low_bits").BitSize);
        Assert.Equal(["whole", "halves"], everything.Member.First(member => member.Name.Length == 0).Member.Select(member => member.Name));
        Assert.Equal(EbpfErrorId.NotFound, Assert.Throws<EbpfException>(() => TypeCatalog.OfFile("/no/such.o")).Id);
        Assert.Equal(EbpfErrorId.InvalidObject, Assert.Throws<EbpfException>(() => TypeCatalog.OfFile("/etc/passwd")).Id);
        Assert.Equal(EbpfErrorId.NotFound, Assert.Throws<EbpfException>(() => TypeCatalog.OfKernel("no_such_module")).Id);
    }

    /// <summary>A module's types stand on the kernel's: numbers, names and members go on where those end.</summary>
    [ModuleTypesFact]
    public void AModulesTypesAreThoseOfBpftoolWithoutTheKernels()
    {
        (Btf, string) module = TypeCatalog.OfKernel(ModuleTypesFactAttribute.Module);
        string[] told = BpftoolJson.Json("btf", "dump", "file", "/sys/kernel/btf/" + ModuleTypesFactAttribute.Module).GetProperty("types").EnumerateArray()
            .Where(type => type.GetProperty("kind").GetString() == "STRUCT" && type.GetProperty("name").GetString() != "(anon)")
            .Select(type => $"{type.GetProperty("name")} {type.Number("size")}: "
                + string.Join(' ', type.GetProperty("members").EnumerateArray().Select(member => $"{member.GetProperty("name")} {member.Number("bits_offset") / 8}")))
            .ToArray();

        Assert.InRange(told.Length, 2, 1_000);
        Assert.Equal(
            told.Order(StringComparer.Ordinal),
            TypeCatalog.Find(module, isWanted: null, [BtfKind.Struct])
                .Select(type => $"{type.Name} {type.Size}: " + string.Join(' ', type.Member.Select(member => $"{(member.Name.Length == 0 ? "(anon)" : member.Name)} {member.Offset}")))
                .Order(StringComparer.Ordinal));
        TypeMember device = Assert.Single(Assert.Single(TypeCatalog.Find(module, "veth_priv", [BtfKind.Struct])).Member, member => member.Name == "peer");
        Assert.Equal(("struct net_device *", 8), (device.Type, device.Size));
    }

    private static Lazy<string> BpftoolText { get; } = new(() => BpftoolJson.Text("btf", "dump", "file", KernelBtf.Path, "format", "c"));

    /// <summary>Without padding, attributes and differences of blanks.</summary>
    private static string Normal(string definition)
    {
        string text = Attribute().Replace(definition, "");
        text = Padding().Replace(text, "");
        text = Blank().Replace(text, " ");
        return text.Replace("{ }", "{}", StringComparison.Ordinal).Replace("* (", "*(", StringComparison.Ordinal).Replace("* *", "**", StringComparison.Ordinal).Trim();
    }

    [GeneratedRegex(@"\s*__attribute__\(\(.*?\)\)")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^\s*(long|int|short|char): \d+;\n", RegexOptions.Multiline)]
    private static partial Regex Padding();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
