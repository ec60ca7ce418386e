using System.Globalization;
using System.Numerics;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A user's eBPF object, what to make of it and where to attach it.</summary>
public sealed class ObjectSessionOptions
{
    /// <summary>Bytes of a CPU's perf buffer where nothing else was asked for.</summary>
    internal const int PerfBufferSize = 256 * 1024;

    private const long LargestBuffer = 1L << 30;

    /// <summary>What the object is called, in messages and in the kernel.</summary>
    public required string Name { get; init; }

    /// <summary>The ELF file's bytes.</summary>
    public required ReadOnlyMemory<byte> Image { get; init; }

    /// <summary>The programs to load; empty for all.</summary>
    public IReadOnlyList<string> Programs { get; init; } = [];

    /// <summary>Values of <c>const volatile</c> and global variables, by their names.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();

    /// <summary>The struct of the records; empty for the only one that it can be.</summary>
    public string EventType { get; init; } = "";

    /// <summary>The structs of the records by the ring's or perf buffer's name, where <see cref="EventType"/> names none and they are known.</summary>
    public IReadOnlyDictionary<string, string> BufferTypes { get; init; } = new Dictionary<string, string>();

    /// <summary>What fields of records stand for.</summary>
    public IReadOnlyDictionary<string, FieldMeaning> Meanings { get; init; } = new Dictionary<string, FieldMeaning>();

    /// <summary>The network interfaces that XDP and traffic control programs are attached to; the latter to <c>NAME:egress</c> too.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>The cgroups that cgroup programs are attached to.</summary>
    public IReadOnlyList<string> CgroupPaths { get; init; } = [];

    /// <summary>The functions, as <c>FILE:FUNCTION</c>, that uprobe programs without a target are attached to.</summary>
    public IReadOnlyList<string> UserFunctions { get; init; } = [];

    /// <summary>Bytes of each ring, and of each CPU's perf buffer; null leaves the object's own.</summary>
    public long? BufferSize { get; init; }

    /// <summary>Whether to read what programs write with bpf_printk, too.</summary>
    public bool TracePipe { get; init; }

    /// <summary>Reads an object file.</summary>
    /// <param name="path">Its path; the name is the file's, without <c>.bpf.o</c> or <c>.o</c>.</param>
    /// <exception cref="EbpfException">The file can't be read.</exception>
    public static (string Name, byte[] Image) Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            byte[] image = File.ReadAllBytes(path);
            string name = Path.GetFileName(path);
            foreach (string ending in new[] { ".o", ".bpf" })
            {
                name = name.EndsWith(ending, StringComparison.Ordinal) && name.Length > ending.Length ? name[..^ending.Length] : name;
            }

            return (name, image);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EbpfException(
                error is FileNotFoundException or DirectoryNotFoundException ? EbpfErrorId.NotFound : EbpfErrorId.InvalidObject,
                $"The eBPF object '{path}' can't be read: {error.Message}",
                "Name an ELF file that clang -target bpf made.",
                target: path,
                innerException: error);
        }
    }

    /// <summary>Refuses what can't be.</summary>
    /// <exception cref="EbpfException">A value is out of its range.</exception>
    public void Validate()
    {
        int page = Environment.SystemPageSize;
        if (BufferSize is long size && (!BitOperations.IsPow2(size) || size < page || size > LargestBuffer))
        {
            throw SessionOptions.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"A buffer of {size} bytes can't be: its size must be a power of two from {page} to {LargestBuffer}."),
                string.Create(CultureInfo.InvariantCulture, $"Try -BufferSize {BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(size, page, LargestBuffer))}."),
                size);
        }

        string? wrong = UserFunctions.FirstOrDefault(function => function.LastIndexOf(':') is var colon && (colon <= 0 || colon == function.Length - 1));
        if (wrong is not null)
        {
            throw SessionOptions.Invalid($"'{wrong}' names no function of a file.", "Write it as FILE:FUNCTION, such as /bin/bash:readline or libc.so.6:malloc.", wrong);
        }
    }
}
