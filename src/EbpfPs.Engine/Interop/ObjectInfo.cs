using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace EbpfPs.Interop;

/// <summary>Asks the kernel about an object by its descriptor, and for the tables behind the first answer.</summary>
internal static unsafe class ObjectInfo
{
    /// <summary>Longer than any path or name that a link can have.</summary>
    private const int LongestName = 4096;

    private const uint RawTracepoint = 1, Iterator = 4, PerfEvent = 7, UserProbes = 12;

    private const uint PerfEventEvent = 6;

    /// <summary>A map.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static LibBpf.MapInfo Map(int fd, string what)
    {
        LibBpf.MapInfo info = default;
        uint length = (uint)sizeof(LibBpf.MapInfo);
        LibBpfError.Check(LibBpf.bpf_obj_get_info_by_fd(fd, ref info, ref length), $"read about {what}");
        return info;
    }

    /// <summary>A program.</summary>
    /// <param name="fd">Its descriptor.</param>
    /// <param name="what">What to call it in an error.</param>
    /// <param name="known">How many bytes of the structure the kernel knows.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static LibBpf.ProgramInfo Program(int fd, string what, out int known)
    {
        LibBpf.ProgramInfo info = default;
        uint length = (uint)sizeof(LibBpf.ProgramInfo);
        LibBpfError.Check(LibBpf.bpf_obj_get_info_by_fd(fd, ref info, ref length), $"read about {what}");
        known = (int)length;
        return info;
    }

    /// <summary>The numbers of the maps that a program uses.</summary>
    public static int[] MapIds(int fd, LibBpf.ProgramInfo program) => MemoryMarshal.Cast<byte, int>(Table(
        fd,
        program.MapIdCount * sizeof(int),
        "maps",
        table => new() { MapIdCount = program.MapIdCount, MapIds = table },
        out _)).ToArray();

    /// <summary>A program's instructions as the verifier left them; empty where the kernel keeps them to itself.</summary>
    public static byte[] Translated(int fd, LibBpf.ProgramInfo program)
    {
        byte[] code = Table(
            fd,
            program.TranslatedLength,
            "instructions",
            table => new() { TranslatedLength = program.TranslatedLength, Translated = table },
            out LibBpf.ProgramInfo answer);

        // bpf_dump_raw_ok() of the kernel: it says so by leaving no address.
        return answer.Translated == 0 ? [] : code;
    }

    /// <summary>Where a program's functions begin: records of FunctionInfoSize bytes.</summary>
    public static byte[] Functions(int fd, LibBpf.ProgramInfo program) => Table(
        fd,
        program.FunctionInfoCount * program.FunctionInfoSize,
        "functions",
        table => new() { FunctionInfoCount = program.FunctionInfoCount, FunctionInfoSize = program.FunctionInfoSize, FunctionInfo = table },
        out _);

    /// <summary>Which line of the source a program's instructions are of: records of LineInfoSize bytes.</summary>
    public static byte[] Lines(int fd, LibBpf.ProgramInfo program) => Table(
        fd,
        program.LineInfoCount * program.LineInfoSize,
        "lines",
        table => new() { LineInfoCount = program.LineInfoCount, LineInfoSize = program.LineInfoSize, LineInfo = table },
        out _);

    /// <summary>A link.</summary>
    /// <param name="fd">Its descriptor.</param>
    /// <param name="name">The name of what it is attached to, where the kernel tells one; else empty.</param>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static LibBpf.LinkInfo Link(int fd, out byte[] name)
    {
        LibBpf.LinkInfo info = default;
        Ask(fd, ref info);
        byte[] buffer = new byte[LongestName];
        fixed (byte* text = buffer)
        {
            LibBpf.LinkInfo asked = default;
            switch (info.Type)
            {
                case RawTracepoint or Iterator:
                    (asked.Name, asked.NameLength) = ((nint)text, LongestName);
                    break;
                case PerfEvent when info.PerfType is > 0 and not PerfEventEvent:
                    (asked.PerfName, asked.PerfNameLength) = ((nint)text, LongestName);
                    break;
                case UserProbes:
                    (asked.Path, asked.PathLength) = ((nint)text, LongestName);
                    break;
                default:
                    name = [];
                    return info;
            }

            Ask(fd, ref asked);
        }

        name = buffer[..Math.Max(0, Array.IndexOf(buffer, (byte)0))];
        return info;
    }

    /// <summary>
    /// Types: whether they are the kernel's own, what they are called, and their raw format where that is wanted. Before
    /// Linux 5.11 (commit 5329722057d4) the kernel's own have no number and none has a name: to ask for one is E2BIG.
    /// </summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static (bool IsKernel, string Name, byte[] Raw) Types(int fd, bool withRaw)
    {
        byte[] name = new byte[LongestName];
        LibBpf.BtfInfo info = default;
        bool named = Ask(fd, ref info) == sizeof(LibBpf.BtfInfo);
        byte[] raw = new byte[withRaw ? info.Size : 0];
        fixed (byte* text = name, data = raw)
        {
            info = new() { Data = (nint)data, Size = (uint)raw.Length };
            if (named)
            {
                (info.Name, info.NameLength) = ((nint)text, LongestName);
            }

            Ask(fd, ref info);
        }

        return (info.IsKernel != 0, Encoding.UTF8.GetString(name.AsSpan(0, Math.Max(0, Array.IndexOf(name, (byte)0)))), raw);
    }

    /// <param name="fd">The program's descriptor.</param>
    /// <param name="size">Bytes of the table.</param>
    /// <param name="what">What it has, for an error.</param>
    /// <param name="question">What to ask, with the address to write the table to.</param>
    /// <param name="answer">What the kernel made of the question.</param>
    private static byte[] Table(int fd, uint size, string what, Func<nint, LibBpf.ProgramInfo> question, out LibBpf.ProgramInfo answer)
    {
        byte[] bytes = new byte[size];
        fixed (byte* table = bytes)
        {
            answer = question((nint)table);
            Ask(fd, ref answer, what);
        }

        return bytes;
    }

    private static void Ask(int fd, ref LibBpf.ProgramInfo info, string table)
    {
        uint length = (uint)sizeof(LibBpf.ProgramInfo);
        LibBpfError.Check(LibBpf.bpf_obj_get_info_by_fd(fd, ref info, ref length), $"read the {table} of a program");
    }

    private static void Ask(int fd, ref LibBpf.LinkInfo info)
    {
        uint length = (uint)sizeof(LibBpf.LinkInfo);
        LibBpfError.Check(LibBpf.bpf_obj_get_info_by_fd(fd, ref info, ref length), "read about a link");
    }

    /// <returns>How much of it this kernel knows.</returns>
    private static uint Ask(int fd, ref LibBpf.BtfInfo info)
    {
        uint length = (uint)sizeof(LibBpf.BtfInfo);
        LibBpfError.Check(LibBpf.bpf_obj_get_info_by_fd(fd, ref info, ref length), "read type information");
        return length;
    }
}
