using System.Management.Automation;
using EbpfPs.Bpf;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Shows C types of the kernel, of a module or of an object, as objects and as C.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfType", DefaultParameterSetName = "Kernel")]
[OutputType(typeof(TypeDescription))]
public sealed class GetEbpfTypeCommand : KernelObjectCommand
{
    /// <summary>Types by name, wildcards allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TypeNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Only types of these kinds.</summary>
    [Parameter]
    public BtfKind[] Kind { get; set; } = [];

    /// <summary>The module whose types are meant instead of the kernel's.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Module")]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public string Module { get; set; } = "";

    /// <summary>An object file, or a file of raw type information.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        (Btf Types, string Source) from = ParameterSetName switch
        {
            PathSet => TypeCatalog.OfFile(FullPath(Path)),
            "Module" => TypeCatalog.OfKernel(Module),
            _ => TypeCatalog.OfKernel(KernelBtf.Kernel),
        };
        foreach (string name in Name)
        {
            if (WildcardPattern.ContainsWildcardCharacters(name))
            {
                WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
                WriteObject(TypeCatalog.Find(from, name == "*" ? null : pattern.IsMatch, Kind), enumerateCollection: true);
                continue;
            }

            // C tells upper from lower case; whoever doesn't may mean one that differs only there.
            TypeDescription[] found = TypeCatalog.Find(from, name, Kind).ToArray();
            found = found.Length > 0 ? found : TypeCatalog.Find(from, one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase), Kind).ToArray();
            WriteObject(found, enumerateCollection: true);
            if (found.Length == 0)
            {
                WriteError(new EbpfException(
                    EbpfErrorId.NotFound,
                    $"{from.Source} has no type '{name}'{(Kind.Length > 0 ? $" of kind {string.Join(", ", Kind)}" : "")}.",
                    "Wildcards are allowed. A module's types are found by -Module.",
                    target: name));
            }
        }
    }
}
