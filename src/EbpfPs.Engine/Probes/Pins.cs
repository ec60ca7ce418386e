using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Programs, maps and links by the paths that they are pinned at.</summary>
internal static class Pins
{
    /// <summary>Opens what is pinned at a path.</summary>
    /// <param name="path">A full path in a BPF file system.</param>
    /// <param name="kind">What it must be.</param>
    /// <exception cref="EbpfException">Nothing is pinned there, it is of another kind, or the kernel refused.</exception>
    public static FileDescriptor Open(string path, KernelObjectKind kind)
    {
        FileDescriptor descriptor = Open(path, out KernelObjectKind found, out _);
        if (found == kind)
        {
            return descriptor;
        }

        descriptor.Dispose();
        throw new EbpfException(
            EbpfErrorId.InvalidArgument,
            $"A {KernelObjects.Noun(found)} is pinned at '{path}', not a {KernelObjects.Noun(kind)}.",
            $"Get-Ebpf{found} -Path shows it.",
            target: path);
    }

    /// <summary>Opens what is pinned at a path, whatever it is.</summary>
    /// <exception cref="EbpfException">Nothing is pinned there, or the kernel refused.</exception>
    public static FileDescriptor Open(string path, out KernelObjectKind kind, out int id)
    {
        int fd = LibBpf.bpf_obj_get(path);
        if (fd == -LibBpfError.ENOENT)
        {
            throw new EbpfException(
                EbpfErrorId.NotFound, $"Nothing is pinned at '{path}'.", "The paths of pins lie in a BPF file system, most often /sys/fs/bpf.", LibBpfError.ENOENT, target: path);
        }

        if (fd is -LibBpfError.EACCES or -LibBpfError.EINVAL && File.Exists(path))
        {
            // The kernel says EACCES of files of other file systems too.
            throw new EbpfException(
                fd == -LibBpfError.EINVAL || !IsBelowMount(path) ? EbpfErrorId.InvalidArgument : EbpfErrorId.PermissionDenied,
                IsBelowMount(path) ? $"'{path}' may not be opened as a pin." : $"'{path}' is no pin: it isn't in a BPF file system.",
                "The paths of pins lie in a BPF file system, most often /sys/fs/bpf; reading and writing takes the file's rights.",
                -fd,
                target: path);
        }

        FileDescriptor descriptor = new(LibBpfError.Check(fd, $"open the pin '{path}'", path, Privileges.Bpf), "");
        if (ObjectHolders.Identify("self", fd) is (KernelObjectKind foundKind, int foundId))
        {
            (kind, id) = (foundKind, foundId);
            return descriptor;
        }

        descriptor.Dispose();
        throw new EbpfException(EbpfErrorId.InvalidArgument, $"What is pinned at '{path}' is neither program nor map nor link.", target: path);
    }

    /// <summary>What is pinned at a path.</summary>
    /// <exception cref="EbpfException">Nothing is pinned there, or the kernel refused.</exception>
    public static Pin Look(string path)
    {
        using FileDescriptor descriptor = Open(path, out KernelObjectKind kind, out int id);
        return new Pin(path, KindOf(kind), id);
    }

    /// <summary>Pins an object.</summary>
    /// <param name="path">A full path in a BPF file system; folders that are missing are made.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="id">Its number.</param>
    /// <exception cref="EbpfException">There is no such object, the path is taken or no place for pins, or the kernel refused.</exception>
    public static Pin Create(string path, KernelObjectKind kind, int id)
    {
        using FileDescriptor descriptor = KernelObjects.Open(kind, id);
        Create(path, descriptor.Number, $"{KernelObjects.Noun(kind)} {id}");
        return new Pin(path, KindOf(kind), id);
    }

    /// <summary>Pins what a descriptor refers to.</summary>
    /// <param name="path">A full path in a BPF file system; folders that are missing are made.</param>
    /// <param name="fd">The descriptor.</param>
    /// <param name="what">What to call it in messages.</param>
    /// <exception cref="EbpfException">The path is taken or no place for pins, or the kernel refused.</exception>
    public static void Create(string path, int fd, string what)
    {
        if (File.Exists(path) || Directory.Exists(path))
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument, $"Could not pin {what}: '{path}' is there already.", "Choose another path; Remove-EbpfPin removes a pin.", target: path);
        }

        if (!IsBelowMount(path))
        {
            throw new EbpfException(
                EbpfErrorId.InvalidArgument,
                $"Could not pin {what}: '{path}' isn't in a BPF file system.",
                $"Choose a path below {MountTable.Find("bpf") ?? "/sys/fs/bpf, after: mount -t bpf bpf /sys/fs/bpf"}.",
                target: path);
        }

        if (path.AsSpan(path.LastIndexOf('/') + 1).Contains('.'))
        {
            // The kernel keeps such names for itself and says EPERM: bpf_lookup() of kernel/bpf/inode.c.
            throw new EbpfException(EbpfErrorId.InvalidArgument, $"Could not pin {what}: the name of a pin may have no dot.", "The kernel keeps such names for itself.", target: path);
        }

        Try(() => Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!), $"make the folder of '{path}'", path);
        LibBpfError.Check(LibBpf.bpf_obj_pin(fd, path), $"pin {what} at '{path}'", path, Privileges.Bpf);
    }

    /// <summary>Removes a pin.</summary>
    /// <exception cref="EbpfException">The file system refused.</exception>
    public static void Remove(string path) => Try(() => File.Delete(path), $"remove the pin '{path}'", path);

    /// <summary>The kind as it is shown.</summary>
    public static PinKind KindOf(KernelObjectKind kind) => kind switch
    {
        KernelObjectKind.Program => PinKind.Program,
        KernelObjectKind.Link => PinKind.Link,
        _ => PinKind.Map,
    };

    private static void Try(Action action, string attempted, string path)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EbpfException(
                error is UnauthorizedAccessException ? EbpfErrorId.PermissionDenied : EbpfErrorId.OperationFailed,
                $"Could not {attempted}: {error.Message}",
                "The rights of files and folders count in a BPF file system as in any other.",
                target: path,
                innerException: error);
        }
    }

    private static bool IsBelowMount(string path) =>
        MountTable.FindAll("bpf").Any(mount => path.StartsWith(mount.TrimEnd('/') + "/", StringComparison.Ordinal));
}
