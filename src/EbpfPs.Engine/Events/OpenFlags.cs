using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>
/// The flags of open(2) under their names there. The values are x86-64's on every architecture
/// (include/uapi/asm-generic/fcntl.h), so that a file of events means the same everywhere.
/// </summary>
[Flags]
public enum OpenFlags
{
    /// <summary>For reading only.</summary>
    O_RDONLY = 0,

    /// <summary>For writing only.</summary>
    O_WRONLY = 1,

    /// <summary>For reading and writing.</summary>
    O_RDWR = 2,

    /// <summary>Create the file if it isn't there.</summary>
    O_CREAT = 0x40,

    /// <summary>Fail if it is there.</summary>
    O_EXCL = 0x80,

    /// <summary>A terminal doesn't become the controlling one.</summary>
    O_NOCTTY = 0x100,

    /// <summary>Cut the file to nothing.</summary>
    O_TRUNC = 0x200,

    /// <summary>Write at the end.</summary>
    O_APPEND = 0x400,

    /// <summary>Don't wait.</summary>
    O_NONBLOCK = 0x800,

    /// <summary>Writes wait for the data.</summary>
    O_DSYNC = 0x1000,

    /// <summary>Signal when input or output is possible.</summary>
    O_ASYNC = 0x2000,

    /// <summary>Past the page cache.</summary>
    O_DIRECT = 0x4000,

    /// <summary>A 32-bit caller takes large files.</summary>
    O_LARGEFILE = 0x8000,

    /// <summary>Fail if it is no directory.</summary>
    O_DIRECTORY = 0x10000,

    /// <summary>Fail if it is a symbolic link.</summary>
    O_NOFOLLOW = 0x20000,

    /// <summary>Don't update the access time.</summary>
    O_NOATIME = 0x40000,

    /// <summary>Close on exec.</summary>
    O_CLOEXEC = 0x80000,

    /// <summary>Writes wait for data and metadata.</summary>
    O_SYNC = 0x101000,

    /// <summary>A reference to the place only.</summary>
    O_PATH = 0x200000,

    /// <summary>A file without a name.</summary>
    O_TMPFILE = 0x410000,
}

internal static class OpenFlagsOf
{
    private const uint Moved = 0x3c000;

    /// <summary>
    /// The flags of a call on an architecture: arm64 has four of them on other bits
    /// (arch/arm64/include/uapi/asm/fcntl.h).
    /// </summary>
    public static OpenFlags Kernel(uint raw, Architecture architecture)
    {
        if (architecture != Architecture.Arm64)
        {
            return (OpenFlags)raw;
        }

        // arm64: O_DIRECTORY 040000, O_NOFOLLOW 0100000, O_DIRECT 0200000, O_LARGEFILE 0400000.
        uint flags = raw & ~Moved;
        flags |= (raw & 0x4000) << 2;
        flags |= (raw & 0x8000) << 2;
        flags |= (raw & 0x10000) >> 2;
        flags |= (raw & 0x20000) >> 2;
        return (OpenFlags)flags;
    }
}
