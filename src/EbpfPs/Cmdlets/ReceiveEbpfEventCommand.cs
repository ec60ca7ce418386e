using System.Management.Automation;
using EbpfPs.Events;
using EbpfPs.Parameters;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Takes the events that background sessions hold; with -Wait or -Timeout also those to come.</summary>
[Cmdlet(VerbsCommunications.Receive, "EbpfEvent", DefaultParameterSetName = NameSet)]
[OutputType(typeof(ExecEvent), typeof(OpenEvent), typeof(ExitEvent), typeof(ConnectEvent), typeof(LatencyEvent), typeof(EbpfEvent), typeof(ObjectRecord), typeof(TraceMessage))]
public sealed class ReceiveEbpfEventCommand : SessionCommand
{
    private readonly List<ProbeSession> _sessions = [];

    /// <summary>Wait for more until the sessions end, or until -MaxEvents or -Timeout.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>The longest wait; it implies -Wait.</summary>
    [Parameter]
    [Alias("Duration")]
    [Seconds]
    public TimeSpan Timeout { get; set; }

    /// <summary>The most events to take.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MaxEvents { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord() => _sessions.AddRange(FindSessions().Except(_sessions));

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        bool timed = MyInvocation.BoundParameters.ContainsKey(nameof(Timeout));
        using EventStream stream = new(one => WriteObject(one), StopToken)
        {
            Duration = timed ? Timeout : null,
            MaxEvents = MyInvocation.BoundParameters.ContainsKey(nameof(MaxEvents)) ? MaxEvents : null,
        };
        List<ProbeSession> read = [];
        foreach (ProbeSession session in _sessions)
        {
            try
            {
                stream.Add(session, owned: false, SessionRegistry.TermsOf(session).LossAction);
                read.Add(session);
            }
            catch (EbpfException error)
            {
                WriteError(error);
            }
        }

        bool ended = false;
        try
        {
            if (Wait || timed)
            {
                stream.Run();
            }
            else
            {
                stream.Drain();
            }

            ended = true;
        }
        finally
        {
            // A pipeline that ends early, as by Select-Object -First, takes warnings and no errors any more.
            foreach (ProbeSession session in read.Where(session => ended || SessionRegistry.TermsOf(session).LossAction == LossAction.Warn))
            {
                TellLoss(session);
            }
        }
    }
}
