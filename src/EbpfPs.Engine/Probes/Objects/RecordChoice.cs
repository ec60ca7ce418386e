using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// Finds the struct that an object's records are. It can be any struct that the object's types (BTF) have, or that a local
/// variable of a program has or points to (debug information: compilers leave such types out of BTF), but for keys and
/// values of maps, what a program's function takes, parts of other candidates, and structs that the kernel has by the same
/// name or that stand for such. Of several, those count whose size is what the programs write. Where there is none, it
/// is the value of a map that has such a size, or is called an event.
/// </summary>
internal sealed class RecordChoice
{
    private readonly OpenedBpfObject _opened;
    private readonly ElfFile _file;
    private readonly DwarfTypes? _debug;

    private RecordChoice(OpenedBpfObject opened, ReadOnlyMemory<byte> image)
    {
        _opened = opened;
        _file = ElfFile.Parse(opened.Name, image);
        _debug = ReadDebug(_file);
    }

    /// <summary>The shape of the records: of the struct that was named, or of the only one that it can be.</summary>
    /// <returns>Null where the object has no buffer, or knows of no struct that it could be.</returns>
    /// <exception cref="EbpfException">The named struct is not there, or several can be it.</exception>
    public static RecordShape? Find(OpenedBpfObject opened, ObjectSessionOptions options)
    {
        bool hasBuffer = opened.Maps.Any(map => map.Type is BpfMapType.RingBuffer or BpfMapType.PerfEventArray);
        if (!hasBuffer && options.EventType.Length == 0)
        {
            return options.Meanings.Count == 0 ? null : throw SessionOptions.Invalid(
                $"'{opened.Name}' has no ring and no perf buffer, and so no records.", "Leave -As out.", opened.Name);
        }

        RecordChoice choice = new(opened, options.Image);
        BtfStruct? type = options.EventType.Length > 0 ? choice.Named(options.EventType) : choice.Only();
        return type is null ? null : RecordShape.Of(type, opened.Name, options.Meanings);
    }

    /// <summary>The shapes of the records of buffers whose structs are known, by the buffers' names.</summary>
    /// <exception cref="EbpfException">A struct is not there, or no struct has a field that was given a meaning.</exception>
    public static IReadOnlyDictionary<string, RecordShape> FindByBuffer(OpenedBpfObject opened, ObjectSessionOptions options)
    {
        if (options.EventType.Length > 0 || options.BufferTypes.Count == 0)
        {
            return new Dictionary<string, RecordShape>();
        }

        RecordChoice choice = new(opened, options.Image);
        Dictionary<string, BtfStruct> types = options.BufferTypes.ToDictionary(pair => pair.Key, pair => choice.Named(pair.Value), StringComparer.Ordinal);

        // Each struct takes the meanings of its own fields; what none has is refused with the fields of the first.
        Dictionary<string, FieldMeaning>[] own = types.Values.Select(type => RecordField.Flatten(type).Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase))
            .Select(names => options.Meanings.Where(pair => names.Contains(pair.Key)).ToDictionary())
            .ToArray();
        Dictionary<string, FieldMeaning> nobodys = options.Meanings.Where(pair => !own.Any(known => known.ContainsKey(pair.Key))).ToDictionary();
        return types.Zip(own).ToDictionary(
            pair => pair.First.Key,
            pair => RecordShape.Of(pair.First.Value, opened.Name, pair.Second.Concat(nobodys).ToDictionary()),
            StringComparer.Ordinal);
    }

    /// <summary>The structs that records can be.</summary>
    public static IReadOnlyList<BtfStruct> Candidates(OpenedBpfObject opened, ReadOnlyMemory<byte> image) => new RecordChoice(opened, image).Candidates();

    private static DwarfTypes? ReadDebug(ElfFile file)
    {
        try
        {
            return DwarfTypes.Read(file);
        }
        catch (EbpfException)
        {
            // Of another version of DWARF, or damaged: no program needs it, and the object's own types are left.
            return null;
        }
    }

    private static string NameOf(BtfStruct type) => type.Text[(type.Text.LastIndexOf(' ') + 1)..];

    /// <summary>What stands behind three underscores tells libbpf's CO-RE one kernel's definition of a struct from another's.</summary>
    private static bool IsFlavour(string name) => name.IndexOf("___", StringComparison.Ordinal) > 0;

    private static string Names(IEnumerable<BtfStruct> candidates) => string.Join(", ", candidates.Select(NameOf));

    private BtfStruct Named(string name) => _opened.Btf.FindRecord(name) ?? _debug?.Find(name)
        ?? throw new EbpfException(
            EbpfErrorId.NotFound,
            $"The eBPF object '{_opened.Name}' has no struct '{name}'.",
            Candidates() is { Length: > 0 } others
                ? $"Records can be: {Names(others)}."
                : "Compile it with clang -g, and don't strip it: the types of local variables are in its debug information alone.",
            target: name);

    private BtfStruct? Only()
    {
        IReadOnlyList<BtfStruct> candidates = Candidates();
        IReadOnlySet<int> sizes = WrittenSizes.Of(_file);
        if (candidates.Count == 0)
        {
            return OfMapValues(sizes);
        }

        if (candidates.Count > 1)
        {
            BtfStruct[] fitting = candidates.Where(type => sizes.Contains(type.Size)).ToArray();
            candidates = fitting.Length > 0 ? fitting : candidates;
        }

        return candidates.Count == 1
            ? candidates[0]
            : throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"The records of '{_opened.Name}' can be any of: {Names(candidates)}.",
                "Name the struct with -EventType.",
                target: _opened.Name);
    }

    /// <summary>
    /// Records that are built in a map are its values. In an object that was stripped of debug information no other struct
    /// may be left.
    /// </summary>
    private BtfStruct? OfMapValues(IReadOnlySet<int> sizes)
    {
        BtfStruct[] values = _opened.Maps
            .Where(map => map.ValueTypeId > 0)
            .Select(map => _opened.Btf.TypeOf(map.ValueTypeId))
            .OfType<BtfStruct>()
            .DistinctBy(type => type.Text)
            .Where(type => sizes.Contains(type.Size) || NameOf(type).Contains("event", StringComparison.OrdinalIgnoreCase))
            .ToArray();
        return values.Length == 1 ? values[0] : null;
    }

    private BtfStruct[] Candidates()
    {
        int[] used = _opened.Maps.SelectMany(map => new[] { map.KeyTypeId, map.ValueTypeId }).ToArray();
        HashSet<string> others = used.Where(id => id > 0).Select(id => _opened.Btf.TypeOf(id).Text).ToHashSet(StringComparer.Ordinal);
        BtfStruct[] found = _opened.Btf.RecordCandidates(used, _opened.ProgramNames.ToArray())
            .Concat(_debug?.OfLocalVariables() ?? [])
            .DistinctBy(type => type.Text)
            .Where(type => !others.Contains(type.Text))
            .ToArray();
        IReadOnlySet<string> kernel = KernelBtf.StructsAmong(found.Select(NameOf).ToArray());
        return found.Where(type => !kernel.Contains(NameOf(type)) && !IsFlavour(NameOf(type))).ToArray();
    }
}
