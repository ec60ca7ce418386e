using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Parameters;

/// <summary>
/// Keeps the number of a session, map, program or link from being taken for a process's: all are called Id.
/// EbpfPs.Types.ps1xml gives them a hidden property ProcessId, the object itself, which a command that binds processes by
/// name finds first.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ProcessNumberAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            ProbeSession session => throw new ArgumentTransformationMetadataException(
                $"Session {session.Id} ({session.Name}) is no process. To stream a session, name no probe: $session | Watch-EbpfTrace."),
            object other and (KernelMap or SystemProgram or SystemLink) => throw new ArgumentTransformationMetadataException(
                $"A {other.GetType().Name} is no process, though it has a number too."),
            _ => inputData,
        };
}
