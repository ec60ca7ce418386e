using Microsoft.Win32.SafeHandles;

namespace EbpfPs.Interop;

/// <summary>Owns a file descriptor that isn't a file: an epoll, an eventfd, a pidfd.</summary>
internal sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes over what a call returned.</summary>
    /// <exception cref="EbpfException">It returned -1.</exception>
    public FileDescriptor(nint result, string attempted)
        : base(ownsHandle: true) => SetHandle(LibBpfError.CheckLibC(result, attempted));

    /// <summary>The number. Use it only while this object is reachable.</summary>
    public int Number => (int)DangerousGetHandle();

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
