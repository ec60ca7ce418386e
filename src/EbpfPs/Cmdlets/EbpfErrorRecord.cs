using System.Management.Automation;

namespace EbpfPs.Cmdlets;

/// <summary>Turns the engine's exceptions into error records.</summary>
internal static class EbpfErrorRecord
{
    /// <summary>
    /// The record: <c>EbpfPs.</c> and the exception's id as the error id, its target, and its hint as the
    /// recommended action.
    /// </summary>
    public static ErrorRecord From(EbpfException error) => new(error, $"EbpfPs.{error.Id}", CategoryOf(error.Id), error.Target)
    {
        ErrorDetails = new ErrorDetails(Format.Safe.Message(error.Message)) { RecommendedAction = Format.Safe.Message(error.Hint) },
    };

    private static ErrorCategory CategoryOf(EbpfErrorId id) => id switch
    {
        EbpfErrorId.PermissionDenied => ErrorCategory.PermissionDenied,
        EbpfErrorId.NotSupported => ErrorCategory.NotImplemented,
        EbpfErrorId.LibraryMissing => ErrorCategory.NotInstalled,
        EbpfErrorId.NotFound => ErrorCategory.ObjectNotFound,
        EbpfErrorId.InvalidArgument => ErrorCategory.InvalidArgument,
        EbpfErrorId.Busy => ErrorCategory.ResourceBusy,
        EbpfErrorId.AlreadyStopped => ErrorCategory.InvalidOperation,
        EbpfErrorId.VerifierRefused => ErrorCategory.InvalidData,
        EbpfErrorId.OutOfResources => ErrorCategory.ResourceUnavailable,
        EbpfErrorId.InvalidRecord => ErrorCategory.InvalidData,
        EbpfErrorId.InvalidObject => ErrorCategory.InvalidData,
        EbpfErrorId.CompilerMissing => ErrorCategory.NotInstalled,
        EbpfErrorId.CompilationFailed => ErrorCategory.ParserError,
        EbpfErrorId.EventsLost => ErrorCategory.LimitsExceeded,
        EbpfErrorId.OperationFailed => ErrorCategory.InvalidResult,
        _ => ErrorCategory.NotSpecified,
    };
}
