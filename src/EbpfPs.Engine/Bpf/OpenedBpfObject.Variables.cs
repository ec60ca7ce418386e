using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <content>Variables of a user's object, set by values of any .NET type that their C type takes.</content>
public sealed partial class OpenedBpfObject
{
    /// <summary>The <c>const volatile</c> and global variables with their types, by name.</summary>
    public IReadOnlyDictionary<string, BtfType> Variables
    {
        get
        {
            Dictionary<string, BtfType> variables = new(StringComparer.Ordinal);
            foreach (BtfStruct section in _btf.Sections().Where(section => IsSettable(section.Text)))
            {
                foreach (BtfField variable in section.Fields)
                {
                    variables.TryAdd(variable.Name, variable.Type);
                }
            }

            return variables;
        }
    }

    /// <summary>Sets a <c>const volatile</c> or global variable.</summary>
    /// <param name="variable">The variable's name in the source.</param>
    /// <param name="value">A number, a truth value, text, an array or a dictionary, as its type takes it.</param>
    /// <exception cref="EbpfException">No such variable, or the value is none of its type.</exception>
    public void SetValue(string variable, object? value)
    {
        IReadOnlyDictionary<string, BtfType> variables = Variables;
        if (!variables.TryGetValue(variable, out BtfType? type))
        {
            throw new EbpfException(
                EbpfErrorId.NotFound,
                $"The eBPF object '{Name}' has no variable '{variable}'.",
                variables.Count > 0 ? $"There are: {string.Join(", ", variables.Select(pair => $"{pair.Value} {pair.Key}"))}." : "It has none that can be set.",
                target: variable);
        }

        BtfVariable place = _btf.FindVariable(variable)!;
        Span<byte> bytes = Memory(variable, place).Slice(place.Offset, type.Size);
        BtfValue.Write(variable, type, value, bytes);
    }

    private static bool IsSettable(string section) =>
        section.StartsWith(".rodata", StringComparison.Ordinal) || section.StartsWith(".data", StringComparison.Ordinal) || section.StartsWith(".bss", StringComparison.Ordinal);

    /// <summary>The memory of the section that a variable lies in.</summary>
    private Span<byte> Memory(string variable, BtfVariable place)
    {
        foreach (nint map in BpfObject.Walk(_handle, LibBpf.bpf_object__next_map))
        {
            // libbpf names a section's map after the object and the section: "exec.rodata".
            if (BpfObject.Text(LibBpf.bpf_map__name(map)).EndsWith(place.Section, StringComparison.Ordinal))
            {
                Span<byte> memory = LibBpf.InitialValue(map);
                if (place.Offset >= 0 && place.Size >= 0 && (long)place.Offset + place.Size <= memory.Length)
                {
                    return memory;
                }
            }
        }

        throw new EbpfException(EbpfErrorId.InvalidObject, $"The section of variable '{variable}' of '{Name}' has no memory.", target: variable);
    }
}
