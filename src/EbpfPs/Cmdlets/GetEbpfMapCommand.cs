using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Lists the maps of the whole system, of sessions, or of programs.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfMap", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SystemMap), typeof(SessionMap))]
public sealed class GetEbpfMapCommand : MapCommand
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [Parameter(Position = 0, ParameterSetName = SessionSet)]
    [Parameter(Position = 0, ParameterSetName = ProgramSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MapNameCompleter))]
    public override string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(FindMaps(), enumerateCollection: true);
}
