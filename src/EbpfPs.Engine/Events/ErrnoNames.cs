namespace EbpfPs.Events;

/// <summary>
/// Names of the kernel's error numbers: include/uapi/asm-generic/errno.h, which x86-64 and arm64 share, and
/// the numbers that only tracing sees, of include/linux/errno.h.
/// </summary>
public static class ErrnoNames
{
    private static readonly string[] _names =
    [
        "",
        "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO",
        "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN", "ENOMEM",
        "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV",
        "ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE",
        "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC", "ESPIPE", "EROFS",
        "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG",
        "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP", "", "ENOMSG",
        "EIDRM", "ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG",
        "EUNATCH", "ENOCSI", "EL2HLT", "EBADE", "EBADR", "EXFULL",
        "ENOANO", "EBADRQC", "EBADSLT", "", "EBFONT", "ENOSTR",
        "ENODATA", "ETIME", "ENOSR", "ENONET", "ENOPKG", "EREMOTE",
        "ENOLINK", "EADV", "ESRMNT", "ECOMM", "EPROTO", "EMULTIHOP",
        "EDOTDOT", "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG",
        "ELIBACC", "ELIBBAD", "ELIBSCN", "ELIBMAX", "ELIBEXEC", "EILSEQ",
        "ERESTART", "ESTRPIPE", "EUSERS", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE",
        "EPROTOTYPE", "ENOPROTOOPT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT",
        "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL", "ENETDOWN", "ENETUNREACH", "ENETRESET",
        "ECONNABORTED", "ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN",
        "ETOOMANYREFS", "ETIMEDOUT", "ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "EALREADY",
        "EINPROGRESS", "ESTALE", "EUCLEAN", "ENOTNAM", "ENAVAIL", "EISNAM",
        "EREMOTEIO", "EDQUOT", "ENOMEDIUM", "EMEDIUMTYPE", "ECANCELED", "ENOKEY",
        "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED", "EOWNERDEAD", "ENOTRECOVERABLE", "ERFKILL",
        "EHWPOISON",
    ];

    private static readonly Dictionary<int, string> _internalNames = new()
    {
        [512] = "ERESTARTSYS",
        [513] = "ERESTARTNOINTR",
        [514] = "ERESTARTNOHAND",
        [515] = "ENOIOCTLCMD",
        [516] = "ERESTART_RESTARTBLOCK",
        [517] = "EPROBE_DEFER",
        [518] = "EOPENSTALE",
        [519] = "ENOPARAM",
        [521] = "EBADHANDLE",
        [522] = "ENOTSYNC",
        [523] = "EBADCOOKIE",
        [524] = "ENOTSUPP",
        [525] = "ETOOSMALL",
        [526] = "ESERVERFAULT",
        [527] = "EBADTYPE",
        [528] = "EJUKEBOX",
        [529] = "EIOCBQUEUED",
        [530] = "ERECALLCONFLICT",
        [531] = "ENOGRACE",
    };

    /// <summary>The name of an error number, such as <c>ENOENT</c> for 2.</summary>
    /// <param name="errno">The number, positive; 0 for no error.</param>
    /// <returns>The name; empty for 0; the number as text where it has no name.</returns>
    public static string NameOf(int errno)
    {
        if ((uint)errno < (uint)_names.Length && (errno == 0 || _names[errno].Length > 0))
        {
            return _names[errno];
        }

        return _internalNames.TryGetValue(errno, out string? name)
            ? name
            : errno.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
