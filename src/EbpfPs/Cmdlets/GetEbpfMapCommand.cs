using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Lists the maps of the whole system, or those of sessions.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfMap", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SystemMap), typeof(SessionMap))]
public sealed class GetEbpfMapCommand : MapCommand
{
    private const string ProgramSet = "Program";

    /// <summary>Only maps that these programs use.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ProgramSet)]
    public SystemProgram[] Program { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(
        ParameterSetName == ProgramSet ? ById(Program.SelectMany(program => program.MapId).Distinct()) : FindMaps(),
        enumerateCollection: true);
}
