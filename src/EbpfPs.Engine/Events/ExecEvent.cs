using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>A process executed a program, or tried to.</summary>
public sealed class ExecEvent : EbpfEvent
{
    private string? _commandLine;

    private ExecEvent(in Wire wire, EventContext context)
        : base(wire.Header, context)
    {
        ParentProcessName = context.Text.Get(wire.ParentComm.Bytes);
        ErrorNumber = wire.Error;
        ArgumentLength = unchecked((int)wire.ArgumentsTotal);
        Truncated = (wire.Header.Flags & EventHeader.Truncated) != 0;
    }

    /// <inheritdoc/>
    public override string Probe => "exec";

    /// <summary>The file as the caller named it; for a script, the script.</summary>
    public string FileName { get; private init; } = "";

    /// <summary>The arguments, the program's own name first; for a script, the interpreter's.</summary>
    public string[] ArgumentList { get; private init; } = [];

    /// <summary>The arguments in one line, quoted so that a POSIX shell reads them back.</summary>
    public string CommandLine => _commandLine ??= ShellQuoting.Join(ArgumentList);

    /// <summary>The parent process's name (comm).</summary>
    public string ParentProcessName { get; }

    /// <summary>The errno of a failed call; 0 when the program runs.</summary>
    public int ErrorNumber { get; }

    /// <summary>The errno's name, such as <c>ENOENT</c>; empty when the program runs.</summary>
    public string ErrorName => ErrnoNames.NameOf(ErrorNumber);

    /// <summary>Bytes of all arguments, each with its NUL, before anything was cut; 0 for a failed call.</summary>
    public int ArgumentLength { get; }

    /// <summary>Whether <see cref="ArgumentList"/> lacks something.</summary>
    public bool Truncated { get; }

    /// <summary>Decodes <c>struct exec_event</c> of bpf/exec.bpf.c.</summary>
    /// <exception cref="EbpfException">The record is not one.</exception>
    public static ExecEvent Decode(ReadOnlySpan<byte> record, EventContext context)
    {
        EventHeader.Read(ref record);
        Wire wire = EventHeader.ReadStruct<Wire>(record);
        ulong names = (ulong)Unsafe.SizeOf<Wire>();
        ReadOnlySpan<byte> fileName = EventHeader.Part(record, names, wire.FileNameSize);
        ReadOnlySpan<byte> arguments = EventHeader.Part(record, names + wire.FileNameSize, wire.ArgumentsSize);
        return new ExecEvent(wire, context)
        {
            FileName = context.Text.Get(fileName),
            ArgumentList = Split(arguments, context),
        };
    }

    private static string[] Split(ReadOnlySpan<byte> arguments, EventContext context)
    {
        // Every argument ends with NUL, but for one that was cut.
        bool whole = arguments.Length == 0 || arguments[^1] == 0;
        string[] list = new string[arguments.Count((byte)0) + (whole ? 0 : 1)];
        for (int i = 0; i < list.Length; i++)
        {
            int end = arguments.IndexOf((byte)0);
            list[i] = context.Text.Get(end < 0 ? arguments : arguments[..end]);
            arguments = end < 0 ? default : arguments[(end + 1)..];
        }

        return list;
    }

    /// <summary>The record; the file name and the arguments follow.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Wire
    {
        public EventHeader Header;
        public TaskName ParentComm;
        public int Error;
        public uint ArgumentsTotal;
        public uint ArgumentsSize;
        public uint FileNameSize;
    }
}
