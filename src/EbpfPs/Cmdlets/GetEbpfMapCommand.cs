using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Lists the maps of sessions.</summary>
[Cmdlet(VerbsCommon.Get, "EbpfMap", DefaultParameterSetName = SessionSet)]
[OutputType(typeof(SessionMap))]
public sealed class GetEbpfMapCommand : MapCommand
{
    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(FindMaps(), enumerateCollection: true);
}
