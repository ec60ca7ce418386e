using System.Buffers.Binary;
using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>A program in the kernel, of whatever process, as it was when it was listed.</summary>
public sealed class SystemProgram
{
    internal SystemProgram(FileDescriptor program, SystemListing listing)
    {
        LibBpf.ProgramInfo info = ObjectInfo.Program(program.Number, "a program", out int known);
        Id = (int)info.Id;
        Name = ProgramNames.Of(program.Number, info, listing.Types);
        Type = (BpfProgramType)info.Type;
        Tag = BinaryPrimitives.ReverseEndianness(info.Tag).ToString("x16", CultureInfo.InvariantCulture);
        UserId = info.UserId;
        LoadTime = DateTime.UnixEpoch.AddTicks(((long)info.LoadTime + listing.Clock.OffsetNs) / TimeSpan.NanosecondsPerTick).ToLocalTime();
        TranslatedSize = (int)info.TranslatedLength;
        JitedSize = (int)info.CompiledLength;
        VerifiedInstructions = known >= LibBpf.ProgramInfo.VerifiedInstructionsEnd ? info.VerifiedInstructions : null;
        RunCount = (long)info.RunCount;
        RunTimeNs = (long)info.RunTimeNs;
        RecursionMisses = known >= LibBpf.ProgramInfo.RecursionMissesEnd ? (long)info.RecursionMisses : null;
        MapId = new(ObjectInfo.MapIds(program.Number, info));
        BtfId = (int)info.BtfId;
        AttachTarget = info.AttachBtfType == 0 ? "" : TypeTarget.Name(listing.Types, (int)info.AttachBtfObject, (int)info.AttachBtfType);
        InterfaceIndex = (int)info.InterfaceIndex;
        IsGplCompatible = (info.GplCompatible & 1) != 0;
        IReadOnlyDictionary<string, string> facts = DescriptorFacts.Read("self", program.Number);
        LockedMemory = facts.Number("memlock");
        Owner = listing.OwnersOf(KernelObjectKind.Program, Id);
        PinnedPath = listing.PathsOf(KernelObjectKind.Program, Id);
    }

    /// <summary>The kernel's number of the program.</summary>
    public int Id { get; }

    /// <summary>The function's name in the source where the program has type information, else the 15 bytes that the kernel keeps of it.</summary>
    public string Name { get; }

    /// <summary>What it is for.</summary>
    public BpfProgramType Type { get; }

    /// <summary>A hash of its instructions, in hexadecimal digits: the same program has the same tag.</summary>
    public string Tag { get; }

    /// <summary>The user that loaded it.</summary>
    public uint UserId { get; }

    /// <summary>The user's name.</summary>
    public string UserName => SystemNames.Shared.UserName(UserId);

    /// <summary>When it was loaded, in local time.</summary>
    public DateTime LoadTime { get; }

    /// <summary>Bytes of the instructions that the verifier made of it.</summary>
    public int TranslatedSize { get; }

    /// <summary>Bytes of machine code; 0 where it is interpreted.</summary>
    public int JitedSize { get; }

    /// <summary>How many instructions the verifier looked at until it was sure; null before Linux 5.16.</summary>
    public long? VerifiedInstructions { get; }

    /// <summary>How often it ran while statistics were on.</summary>
    public long RunCount { get; }

    /// <summary>How long it ran in all while statistics were on, to 100 ns.</summary>
    public TimeSpan RunTime => TimeSpan.FromTicks(RunTimeNs / TimeSpan.NanosecondsPerTick);

    /// <summary>How long it ran in all while statistics were on, in nanoseconds.</summary>
    public long RunTimeNs { get; }

    /// <summary>How often a run was skipped since one was under way on that CPU; null before Linux 5.12.</summary>
    public long? RecursionMisses { get; }

    /// <summary>The numbers of the maps that it uses.</summary>
    public ObjectList<int> MapId { get; }

    /// <summary>The kernel's number of its type information; 0 where it has none.</summary>
    public int BtfId { get; }

    /// <summary>The function, tracepoint or program that it was loaded for, where its type says so when it is loaded; else empty.</summary>
    public string AttachTarget { get; }

    /// <summary>The network device whose hardware runs it; 0 for the CPU.</summary>
    public int InterfaceIndex { get; }

    /// <summary>Whether its licence lets it use the helpers that are for the GPL only.</summary>
    public bool IsGplCompatible { get; }

    /// <summary>Bytes of memory that the kernel counts for it.</summary>
    public long LockedMemory { get; }

    /// <summary>The processes that hold it open. One that was attached and let go has none.</summary>
    public ObjectList<ObjectOwner> Owner { get; }

    /// <summary>The paths that it is pinned at.</summary>
    public ObjectList<string> PinnedPath { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
