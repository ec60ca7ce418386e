using System.Management.Automation;

namespace EbpfPs.Cmdlets;

/// <summary>
/// What all commands share: they run on Linux only, a stop cancels a token and nothing else, and the engine's
/// exceptions become error records.
/// </summary>
public abstract partial class EbpfCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Is cancelled when the pipeline is stopped.</summary>
    protected CancellationToken StopToken => _stop.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        if (!OperatingSystem.IsLinux())
        {
            ThrowTerminatingError(EbpfErrorRecord.From(new EbpfException(
                EbpfErrorId.NotSupported,
                $"{MyInvocation.MyCommand.Name} works on Linux only: eBPF is a part of its kernel.",
                "Run it on a Linux machine, for instance by Invoke-Command -HostName.",
                target: Environment.OSVersion.Platform)));
        }
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guard(OnRecord);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guard(OnEnd);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <summary>Work for each record; an <see cref="EbpfException"/> ends the command.</summary>
    protected virtual void OnRecord()
    {
    }

    /// <summary>Work after the last record; an <see cref="EbpfException"/> ends the command.</summary>
    protected virtual void OnEnd()
    {
    }

    /// <summary>Gives back what the command holds.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing) => _stop.Dispose();

    /// <summary>Writes a failure that concerns one item; the command goes on.</summary>
    private protected void WriteError(EbpfException error) => WriteError(EbpfErrorRecord.From(error));

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (EbpfException error)
        {
            ThrowTerminatingError(EbpfErrorRecord.From(error));
        }
        catch (WildcardPatternException error)
        {
            ThrowTerminatingError(EbpfErrorRecord.From(NamePattern.Malformed(error, MyInvocation.MyCommand.Name)));
        }
    }
}
