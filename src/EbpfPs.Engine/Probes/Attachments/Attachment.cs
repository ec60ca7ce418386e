using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A program that is attached, whether by a link or without one.</summary>
/// <param name="Type">What it is attached to.</param>
/// <param name="ProgramId">The program's number.</param>
/// <param name="Target">Where.</param>
/// <param name="Mode">How, in the words of the tool that takes it away again.</param>
internal sealed record Attachment(BpfLinkType Type, int ProgramId, LinkTarget Target, string Mode = "")
{
    /// <summary>The processes that hold it.</summary>
    public IReadOnlyList<ObjectOwner> Owner { get; init; } = [];
}
