using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <content>What commands say about lost events: each loss once, by the command that notices it first.</content>
public abstract partial class EbpfCommand
{
    private bool WarningsAreShown => (MyInvocation.BoundParameters.TryGetValue("WarningAction", out object? bound) ? bound : GetVariableValue("WarningPreference"))
        is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    /// <summary>What a session lost since that was last said, as an error; null if nothing. It counts as said from now on.</summary>
    private protected static EbpfException? TakeLoss(ProbeSession session)
    {
        LossReport loss = session.Loss;
        long news = SessionRegistry.TermsOf(session).TakeNews(loss);
        if (news == 0)
        {
            return null;
        }

        string summary = LossText.Summary(loss);
        return new EbpfException(
            EbpfErrorId.EventsLost,
            news == loss.Lost ? summary : $"{summary} {news} of them were lost since this was last said.",
            LossText.Remedy(loss, session.BufferSize),
            target: loss);
    }

    /// <summary>Warns of what a session lost since that was last said.</summary>
    private protected void WarnOfLoss(ProbeSession session)
    {
        if ((Stopping && !WarningsAreShown) || TakeLoss(session) is not EbpfException news)
        {
            return;
        }

        string warning = $"{news.Message} {news.Hint}";
        if (Stopping)
        {
            // A pipeline that is being stopped has no streams any more, and Ctrl+C is how most watches end.
            Host.UI.WriteWarningLine(warning);
        }
        else
        {
            WriteWarning(warning);
        }
    }

    /// <summary>Says what a session lost since that was last said, as its starter wants it: a warning, an error, or nothing.</summary>
    private protected void TellLoss(ProbeSession session)
    {
        switch (SessionRegistry.TermsOf(session).LossAction)
        {
            case LossAction.Warn:
                WarnOfLoss(session);
                break;
            case LossAction.Stop when !Stopping && TakeLoss(session) is EbpfException news:
                WriteError(news);
                break;
        }
    }
}
