using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>A process opened a file, or tried to: open, creat, openat, openat2, by itself or through io_uring.</summary>
public sealed class OpenEvent : EbpfEvent
{
    private OpenEvent(in Wire wire, EventContext context, string fileName)
        : base(wire.Header, context)
    {
        FileName = fileName;
        DirectoryDescriptor = wire.Directory;
        Flags = OpenFlagsOf.Kernel(wire.OpenFlags, RuntimeInformation.ProcessArchitecture);
        Mode = (UnixFileMode)(wire.Mode & 0xfff);
        FileDescriptor = wire.Result < 0 || (wire.Header.Flags & EventHeader.NoDescriptor) != 0 ? -1 : wire.Result;
        ErrorNumber = wire.Result < 0 ? unchecked(-wire.Result) : 0;
        DurationNs = unchecked((long)wire.Duration);
        Truncated = (wire.Header.Flags & EventHeader.Truncated) != 0;
    }

    /// <inheritdoc/>
    public override string Probe => "open";

    /// <summary>The file as the caller named it, relative names too; empty where the pointer was bad (EFAULT).</summary>
    public string FileName { get; }

    /// <summary>The directory that a relative name starts at; -100 (AT_FDCWD) is the current one.</summary>
    public int DirectoryDescriptor { get; }

    /// <summary>How the file was to be opened, open(2).</summary>
    public OpenFlags Flags { get; }

    /// <summary>The permissions of a file that the call creates, before the umask.</summary>
    public UnixFileMode Mode { get; }

    /// <summary>
    /// The new descriptor; -1 for a failed call, and for a file that io_uring opened as a direct descriptor: the
    /// process has no number for it.
    /// </summary>
    public int FileDescriptor { get; }

    /// <summary>The errno of a failed call; 0 when the file is open.</summary>
    public int ErrorNumber { get; }

    /// <summary>The errno's name, such as <c>EACCES</c>; empty when the file is open.</summary>
    public string ErrorName => ErrnoNames.NameOf(ErrorNumber);

    /// <summary>
    /// How long the call took, to 100 ns; it began at Time - Duration. A request of io_uring takes from its submission
    /// to its completion.
    /// </summary>
    public TimeSpan Duration => TimeSpan.FromTicks(DurationNs / 100);

    /// <summary>How long the call took, in nanoseconds.</summary>
    public long DurationNs { get; }

    /// <summary>Whether the name is longer than PATH_MAX and was cut; the kernel refuses such a name.</summary>
    public bool Truncated { get; }

    /// <summary>Decodes <c>struct open_event</c> of bpf/open.bpf.c.</summary>
    /// <exception cref="EbpfException">The record is not one.</exception>
    public static OpenEvent Decode(ReadOnlySpan<byte> record, EventContext context)
    {
        EventHeader.Read(ref record);
        Wire wire = EventHeader.ReadStruct<Wire>(record);
        ReadOnlySpan<byte> fileName = EventHeader.Part(record, (ulong)Unsafe.SizeOf<Wire>(), wire.FileNameSize);
        return new OpenEvent(wire, context, context.Text.Get(fileName));
    }

    /// <summary>The record; the file name follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Wire
    {
        public EventHeader Header;
        public ulong Duration;
        public int Directory;
        public int Result;
        public uint OpenFlags;
        public uint Mode;
        public ulong FileNameSize;
    }
}
