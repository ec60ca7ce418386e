using System.Collections;
using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <content>A compiled eBPF object instead of built-in probes.</content>
public abstract partial class ProbeSourceCommand
{
    /// <summary>The parameter set of an object file.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set of the trace pipe alone.</summary>
    protected const string TracePipeSet = "TracePipe";

    /// <summary>An eBPF object: an ELF file that clang made.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [Alias("FullName", "PSPath")]
    public string Path { get; set; } = "";

    /// <summary>The object's programs to load and attach; all of them without it.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    [ArgumentCompleter(typeof(ObjectProgramCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Program { get; set; } = [];

    /// <summary>Values of the object's variables, by name.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNull]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    public Hashtable Variable { get; set; } = [];

    /// <summary>The struct of the object's records.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    [ArgumentCompleter(typeof(EventTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string EventType { get; set; } = "";

    /// <summary>What fields of the records stand for, by name.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNull]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    public Hashtable As { get; set; } = [];

    /// <summary>The network interfaces to attach XDP and traffic control programs to.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Interface { get; set; } = [];

    /// <summary>The functions to attach uprobe programs without a target to.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    public string[] UserFunction { get; set; } = [];

    /// <summary>What programs write with bpf_printk, beside an object's records or of the whole machine.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    [Parameter(Mandatory = true, ParameterSetName = TracePipeSet)]
    public SwitchParameter TracePipe { get; set; }

    /// <summary>The session of an object that the parameters describe.</summary>
    /// <exception cref="EbpfException">One of them can't be.</exception>
    private protected ObjectSessionOptions BuildObjectOptions()
    {
        (string name, byte[] image) = ObjectSessionOptions.Read(GetUnresolvedProviderPathFromPSPath(Path));
        return new ObjectSessionOptions
        {
            Name = name,
            Image = image,
            Programs = Program,
            Variables = VariableValues(),
            EventType = EventType,
            Meanings = MeaningsByName(),
            Interfaces = Interface,
            CgroupPaths = CgroupPath,
            UserFunctions = UserFunction,
            TracePipe = TracePipe,
            BufferSize = MyInvocation.BoundParameters.ContainsKey(nameof(BufferSize)) ? BufferSize : null,
        };
    }

    /// <summary>Tells of each program what it is attached to, or warns why it is not.</summary>
    private protected void DescribePrograms(ProbeSession session)
    {
        if (session.SharesTracePipe)
        {
            WriteWarning("The messages are read from the trace pipe that all readers share: each message comes to one of them alone, and its time is that of the reading.");
        }

        foreach (SizedMap map in session.SizedMaps)
        {
            WriteVerbose($"Map '{map.Map}' has room for {map.MaxEntries} entries: the object doesn't say how many.");
        }

        foreach (PinnedMap pin in session.PinnedMaps)
        {
            string when = session.StartTime is null ? "would be" : "is";
            WriteVerbose(pin.WasThere
                ? $"Map '{pin.Map}' is the one that was pinned at {pin.Path} before, with what it holds."
                : $"Map '{pin.Map}' {when} pinned at {pin.Path}, as the object wants it, and stays there after the session: Remove-EbpfPin removes it.");
        }

        foreach (SessionProgram program in session.Programs)
        {
            if (program.State is ProgramState.Refused || (program.State is ProgramState.Loaded && program.Reason.Length > 0))
            {
                string what = program.State is ProgramState.Refused ? "was not loaded" : "is loaded and attached to nothing";
                WriteWarning(Format.Safe.Message($"Program '{program.Name}' of '{session.Name}' ({program.Section}) {what}: {program.Reason.TrimEnd('.')}."));
            }
            else
            {
                string where = program.Hooks.Count > 0 ? string.Join(", ", program.Hooks) : program.Section;
                WriteVerbose(Format.Safe.Message($"Program '{program.Name}': {program.State}, {where}."));
            }
        }
    }

    private Dictionary<string, object?> VariableValues() =>
        Variable.Cast<DictionaryEntry>().ToDictionary(pair => pair.Key.ToString()!, pair => Unwrap(pair.Value), StringComparer.Ordinal);

    private Dictionary<string, FieldMeaning> MeaningsByName() =>
        As.Cast<DictionaryEntry>().ToDictionary(pair => pair.Key.ToString()!, pair => MeaningOf(pair), StringComparer.OrdinalIgnoreCase);

    private static object? Unwrap(object? value) => value switch
    {
        PSObject { BaseObject: not PSCustomObject } wrapped => Unwrap(wrapped.BaseObject),
        object?[] several => several.Select(Unwrap).ToArray(),
        Hashtable members => new Hashtable(members.Cast<DictionaryEntry>().ToDictionary(pair => pair.Key, pair => Unwrap(pair.Value))),
        _ => value,
    };

    private static FieldMeaning MeaningOf(DictionaryEntry pair) =>
        Unwrap(pair.Value) switch
        {
            FieldMeaning meaning => meaning,
            string text when Enum.TryParse(text, ignoreCase: true, out FieldMeaning meaning) && !char.IsAsciiDigit(text[0]) => meaning,
            _ => throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"-As {pair.Key}: '{pair.Value}' is nothing that a field can stand for.",
                $"Fields can stand for: {string.Join(", ", Enum.GetNames<FieldMeaning>())}.",
                target: pair.Key),
        };
}
