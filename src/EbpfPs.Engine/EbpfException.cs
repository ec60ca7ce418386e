namespace EbpfPs;

/// <summary>What went wrong, in words that stay the same across versions.</summary>
public enum EbpfErrorId
{
    /// <summary>The kernel refused for want of a privilege, or a policy stands in the way.</summary>
    PermissionDenied,

    /// <summary>This kernel or this system lacks what the request needs.</summary>
    NotSupported,

    /// <summary>A library that the engine loads is not installed.</summary>
    LibraryMissing,

    /// <summary>No probe, program, map or variable has that name.</summary>
    NotFound,

    /// <summary>A value that can't be used, such as a ring size that is no power of two.</summary>
    InvalidArgument,

    /// <summary>Somebody else holds it: a session has one reader at a time.</summary>
    Busy,

    /// <summary>The session was stopped before.</summary>
    AlreadyStopped,

    /// <summary>The kernel's verifier refused a program; the log says why.</summary>
    VerifierRefused,

    /// <summary>Memory, descriptors or another resource ran out.</summary>
    OutOfResources,

    /// <summary>A record from the kernel that can't be decoded.</summary>
    InvalidRecord,

    /// <summary>An object file that can't be read.</summary>
    InvalidObject,

    /// <summary>The C compiler is not installed.</summary>
    CompilerMissing,

    /// <summary>The C compiler found errors in a source.</summary>
    CompilationFailed,

    /// <summary>Events were lost, and that was to end the command.</summary>
    EventsLost,

    /// <summary>Any other refusal of the kernel or of libbpf; the errno says which.</summary>
    OperationFailed,
}

/// <summary>
/// Every failure of the engine: what was attempted (the message), what the kernel said
/// (<see cref="Errno"/>, <see cref="VerifierLog"/>) and what to try (<see cref="Hint"/>).
/// </summary>
public sealed class EbpfException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="id">The stable name of the failure.</param>
    /// <param name="message">What was attempted and what came of it, as a sentence.</param>
    /// <param name="hint">What the user can do; empty where nothing is known.</param>
    /// <param name="errno">The kernel's error number, positive; 0 if it wasn't the kernel.</param>
    /// <param name="verifierLog">The verifier's full log, if it was the verifier that refused.</param>
    /// <param name="target">The thing that failed: a probe's name, a path.</param>
    /// <param name="innerException">The reason, where another exception was it.</param>
    public EbpfException(
        EbpfErrorId id,
        string message,
        string hint = "",
        int errno = 0,
        string? verifierLog = null,
        object? target = null,
        Exception? innerException = null)
        : base(message, innerException)
    {
        Id = id;
        Hint = hint;
        Errno = errno;
        VerifierLog = verifierLog;
        Target = target;
    }

    /// <summary>The stable name of the failure.</summary>
    public EbpfErrorId Id { get; }

    /// <summary>What the user can do; empty where nothing is known.</summary>
    public string Hint { get; }

    /// <summary>The kernel's error number, positive; 0 if it wasn't the kernel.</summary>
    public int Errno { get; }

    /// <summary>The errno's name, such as <c>EPERM</c>; empty for 0.</summary>
    public string ErrnoName => EbpfPs.Events.ErrnoNames.NameOf(Errno);

    /// <summary>The verifier's full log, if it was the verifier that refused.</summary>
    public string? VerifierLog { get; }

    /// <summary>The thing that failed: a probe's name, a path.</summary>
    public object? Target { get; }
}
