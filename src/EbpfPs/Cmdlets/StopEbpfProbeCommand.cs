using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Ends sessions; gives the final loss report of each.</summary>
[Cmdlet(VerbsLifecycle.Stop, "EbpfProbe", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(LossReport))]
public sealed class StopEbpfProbeCommand : SessionCommand
{
    /// <inheritdoc/>
    protected override void OnRecord()
    {
        foreach (ProbeSession session in FindSessions())
        {
            if (!ShouldProcess($"session {session.Id} ({session.Name})"))
            {
                continue;
            }

            try
            {
                bool isRead = session.HasReader;
                LossReport loss = session.Stop();
                WriteVerbose(LossText.Account(loss));
                WriteObject(loss);
                if (!isRead)
                {
                    // Else the command that reads the session says so, at its end.
                    TellLoss(session);
                }
            }
            catch (EbpfException error)
            {
                WriteError(error);
            }
        }
    }
}
