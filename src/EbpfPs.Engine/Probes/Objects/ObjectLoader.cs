using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>Loads a user's object. Programs that the kernel refuses are left out, and the rest is loaded.</summary>
internal sealed class ObjectLoader
{
    private readonly ObjectSessionOptions _options;
    private readonly Dictionary<string, string> _refused = new(StringComparer.Ordinal);

    private ObjectLoader(ObjectSessionOptions options) => _options = options;

    /// <summary>The programs as the object has them.</summary>
    public IReadOnlyList<OpenedProgram> Programs { get; private set; } = [];

    /// <summary>Why programs were refused, by their names.</summary>
    public IReadOnlyDictionary<string, string> Refused => _refused;

    /// <summary>What the records are; null for bytes of no known type.</summary>
    public RecordShape? Shape { get; private set; }

    /// <summary>The maps that the object wants pinned.</summary>
    public IReadOnlyList<PinnedMap> Pins { get; private set; } = [];

    /// <summary>What the records of single buffers are, by their names; <see cref="Shape"/> is for the others.</summary>
    public IReadOnlyDictionary<string, RecordShape> Shapes { get; private set; } = new Dictionary<string, RecordShape>();

    /// <summary>The maps that were given a size.</summary>
    public IReadOnlyList<SizedMap> Sized { get; private set; } = [];

    /// <summary>The object in the kernel.</summary>
    public BpfObject Object { get; private set; } = null!;

    /// <summary>Loads what can be loaded.</summary>
    /// <exception cref="EbpfException">The object can't be read, an option doesn't go with it, or nothing of it was accepted.</exception>
    public static ObjectLoader Load(ObjectSessionOptions options)
    {
        options.Validate();
        ObjectLoader loader = new(options);
        EbpfException? first = null;
        while (true)
        {
            using OpenedBpfObject opened = OpenedBpfObject.Open(options.Name, options.Image.Span);
            if (first is null)
            {
                loader.Programs = opened.Programs;
                loader.Shapes = RecordChoice.FindByBuffer(opened, options);
                bool others = opened.Maps.Any(map => map.Type is BpfMapType.RingBuffer or BpfMapType.PerfEventArray && !loader.Shapes.ContainsKey(map.Name));
                loader.Shape = others || loader.Shapes.Count == 0 ? RecordChoice.Find(opened, options) : null;
            }

            string[] wanted = loader.Choose();
            opened.LoadOnly(wanted);
            loader.Configure(opened);
            loader.Sized = SizedMap.Size(opened);
            loader.Pins = ObjectPins.Use(opened);
            if (opened.TryLoad(out string? refused, out EbpfException? error) is BpfObject loaded)
            {
                loader.Object = loaded;
                return loader;
            }

            first ??= error!;
            if (refused is null || options.Programs.Count > 0 || wanted.Length == 1 || !loader._refused.TryAdd(refused, error!.Message))
            {
                // One that was named is wanted; and where nothing is left, the first refusal is the reason.
                throw loader._refused.Count > 0 && refused is not null ? first : error!;
            }
        }
    }

    private string[] Choose()
    {
        string? missing = _options.Programs.Except(Programs.Select(program => program.Name)).FirstOrDefault();
        if (missing is not null)
        {
            throw new EbpfException(
                EbpfErrorId.NotFound,
                $"The eBPF object '{_options.Name}' has no program '{missing}'.",
                $"There are: {string.Join(", ", Programs.Select(program => program.Name))}.",
                target: missing);
        }

        if (Programs.Count == 0)
        {
            throw new EbpfException(EbpfErrorId.InvalidObject, $"The eBPF object '{_options.Name}' has no program.", "A program is a function in a section of its own: SEC(\"...\").", target: _options.Name);
        }

        return (_options.Programs.Count > 0 ? _options.Programs : Programs.Select(program => program.Name))
            .Where(name => !_refused.ContainsKey(name))
            .ToArray();
    }

    private void Configure(OpenedBpfObject opened)
    {
        foreach ((string name, object? value) in _options.Variables)
        {
            opened.SetValue(name, value);
        }

        foreach (DeclaredMap map in opened.Maps)
        {
            if (map.Type == BpfMapType.RingBuffer && _options.BufferSize is long size)
            {
                opened.SetMaxEntries(map.Name, (uint)size);
            }
        }
    }
}
