using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EbpfPs.Events;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Names as this system gives them: users through NSS, containers through the cgroup's path.</summary>
public sealed partial class SystemNames : INameResolver
{
    private const int BufferSize = 16 * 1024;
    private const int EntrySize = 128;

    private readonly ConcurrentDictionary<uint, string> _users = new();
    private readonly ConcurrentDictionary<(ulong Unified, ulong Legacy), string> _containers = new();

    /// <summary>One for the process: the names are the same for all sessions.</summary>
    public static SystemNames Shared { get; } = new();

    /// <inheritdoc/>
    public string UserName(uint userId) => _users.GetOrAdd(userId, FindUserName);

    /// <inheritdoc/>
    /// <remarks>On a machine with both, a runtime may have put the container into the cgroup v1 hierarchies alone.</remarks>
    public string ContainerId(ulong cgroupId, ulong legacyCgroupId)
    {
        if (_containers.TryGetValue((cgroupId, legacyCgroupId), out string? known))
        {
            return known;
        }

        string path = Cgroups.PathOf(cgroupId);
        string found = ContainerIdOf(path);
        if (found.Length == 0 && legacyCgroupId != 0)
        {
            path += Cgroups.LegacyPathOf(legacyCgroupId);
            found = ContainerIdOf(path);
        }

        // A cgroup without a path is gone, or was not there when the tree was searched last: the next event may find it.
        if (path.Length > 0)
        {
            _containers[(cgroupId, legacyCgroupId)] = found;
        }

        return found;
    }

    /// <summary>Finds a user's id.</summary>
    /// <exception cref="EbpfException">There is no such user.</exception>
    public static uint UserId(string name)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        int error = LibC.getpwnam_r(name, entry, new byte[BufferSize], BufferSize, out nint found);
        return error == 0 && found != 0
            ? MemoryMarshal.Read<LibC.PasswordEntry>(entry).Uid
            : throw new EbpfException(EbpfErrorId.NotFound, $"There is no user '{name}'.", "getent passwd lists them.", target: name);
    }

    /// <summary>
    /// The container's id in a cgroup's path. Docker, podman, containerd and CRI-O all put its 64 hexadecimal digits
    /// into the last part that is the container's (behind a colon where containerd runs without systemd's
    /// driver); conmon's own cgroup is not the container.
    /// </summary>
    internal static string ContainerIdOf(string cgroupPath)
    {
        Match match = ContainerPattern().Match(cgroupPath);
        return match.Success ? match.Groups["id"].Value : "";
    }

    private static string FindUserName(uint userId)
    {
        byte[] buffer = GC.AllocateArray<byte>(BufferSize, pinned: true);
        Span<byte> entry = stackalloc byte[EntrySize];
        int error = LibC.getpwuid_r(userId, entry, buffer, BufferSize, out nint found);
        string? name = error == 0 && found != 0
            ? Marshal.PtrToStringUTF8(MemoryMarshal.Read<LibC.PasswordEntry>(entry).Name)
            : null;
        GC.KeepAlive(buffer);
        return name ?? userId.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^.*(?:^|[/:-])(?<!conmon-)(?<id>[0-9a-f]{64})(?:\\.scope)?(?:/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerPattern();
}
