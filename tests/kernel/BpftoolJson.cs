using System.Text.Json;
using EbpfPs.Bpf;

namespace EbpfPs.KernelTests;

/// <summary>The kernel's own tool for what is loaded, to compare with.</summary>
internal static class BpftoolJson
{
    /// <summary>Runs it and parses its JSON.</summary>
    public static JsonElement Json(params string[] arguments) => JsonDocument.Parse(Text(["-j", .. arguments])).RootElement;

    /// <summary>Runs it.</summary>
    public static string Text(params string[] arguments)
    {
        Workload run = Workload.Run(Bpftool.Path!, arguments);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"bpftool {string.Join(' ', arguments)}: {run.Error}{run.Output}");
    }

    /// <summary>A member that bpftool leaves out where it is 0.</summary>
    public static long Number(this JsonElement one, string name) => one.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;

    /// <summary>A list of numbers that bpftool leaves out where it is empty.</summary>
    public static int[] Numbers(this JsonElement one, string name) =>
        one.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(value => value.GetInt32())] : [];

    /// <summary>What the kernel calls a value of one of its enumerations, the way bpftool writes it: without the prefix, in small letters.</summary>
    public static string NameOf(string enumeration, string prefix, int value)
    {
        Btf types = KernelBtf.Read(KernelBtf.Kernel);
        int id = types.Find(enumeration, BtfKind.Enum).Single();
        string name = ((BtfEnum)types.TypeOf(id)).Names[value];
        return name[prefix.Length..].ToLowerInvariant();
    }
}
