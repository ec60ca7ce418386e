using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>The few calls of libc that the base library doesn't offer, under their C names.</summary>
internal static partial class LibC
{
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int EPOLL_CTL_ADD = 1;
    public const uint EPOLLIN = 1;
    public const uint EPOLLET = 1u << 31;
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;
    public const int CLOCK_REALTIME = 0;
    public const int CLOCK_MONOTONIC = 1;
    public const int CLOCK_BOOTTIME = 7;
    public const int AT_FDCWD = -100;
    public const int O_NONBLOCK = 0x800;
    public const int O_PATH = 0x200000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_DIRECTORY_X64 = 0x10000;
    public const int O_DIRECTORY_ARM64 = 0x4000;
    public const int MEMBARRIER_CMD_GLOBAL = 1;
    public const short POLLIN = 1;
    public const int W_OK = 2;

    public const int RLIMIT_NOFILE = 7;

    private const string Library = "libc";

    /// <summary>Numbers that x86-64 and arm64 share: calls since pidfd_open have one for all architectures.</summary>
    public const int SYS_pidfd_open = 434;

    public const int SYS_fsopen = 430;
    public const int SYS_fsconfig = 431;
    public const int SYS_fsmount = 432;
    public const int FSOPEN_CLOEXEC = 1;
    public const int FSCONFIG_CMD_CREATE = 6;
    public const int FSMOUNT_CLOEXEC = 1;

    /// <summary>membarrier(2): 324 on x86-64, 283 on the generic table.</summary>
    public static int SYS_membarrier =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 324 : 283;

    /// <summary>bpf(2): 321 on x86-64, 280 on the generic table.</summary>
    public static int SYS_bpf => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 321 : 280;

    /// <summary>perf_event_open(2): 298 on x86-64, 241 on the generic table.</summary>
    public static int SYS_perf_event_open => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 298 : 241;

    public static int O_DIRECTORY =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? O_DIRECTORY_X64 : O_DIRECTORY_ARM64;

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(nint address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, ReadOnlySpan<byte> ev);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_wait(int epoll, Span<byte> events, int count, int milliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int fd, out ulong value, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int fd, Span<byte> buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(FileDescriptor fd, in ulong value, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(FileDescriptor fd, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int access(string path, int mode);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(ref PollEntry entry, nuint count, int milliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint syscall(nint number, string first, nint second);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, ReadOnlySpan<byte> first, nint second, nint third, nint fourth, nint fifth);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int name_to_handle_at(int directory, string path, Span<byte> handle, out int mount, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int open_by_handle_at(int mount, ReadOnlySpan<byte> handle, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, out ResourceLimit limit);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, in ResourceLimit limit);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_gettime(int clock, out Timespec time);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport(Library)]
    public static partial uint geteuid();

    /// <summary>Of this network namespace, whatever /sys was mounted in.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint if_nametoindex(string name);

    /// <summary>Takes 16 bytes for the name.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint if_indextoname(uint index, Span<byte> name);

    [LibraryImport(Library)]
    public static partial int getpwuid_r(uint uid, Span<byte> entry, Span<byte> buffer, nuint size, out nint result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getpwnam_r(string name, Span<byte> entry, Span<byte> buffer, nuint size, out nint result);

    /// <summary><c>struct rlimit</c> of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Fd;
        public short Events;
        public short ReturnedEvents;
    }

    /// <summary>
    /// The start of <c>struct passwd</c> (pwd.h), the same in glibc and musl on 64-bit systems.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PasswordEntry
    {
        public nint Name;
        public nint Password;
        public uint Uid;
        public uint Gid;
    }
}
