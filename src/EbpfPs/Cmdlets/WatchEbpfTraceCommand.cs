using System.Management.Automation;
using System.Management.Automation.Internal;
using EbpfPs.Events;
using EbpfPs.Parameters;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Starts probes, streams their events and ends them; or streams the events of sessions that run.</summary>
[Cmdlet(VerbsCommon.Watch, "EbpfTrace", DefaultParameterSetName = NameSet)]
[OutputType(typeof(ExecEvent), typeof(OpenEvent), typeof(ExitEvent), typeof(ConnectEvent), typeof(LatencyEvent), typeof(EbpfEvent), typeof(ObjectRecord), typeof(TraceMessage))]
public sealed partial class WatchEbpfTraceCommand : ProbeSourceCommand
{
    private const string SessionSet = "Session";

    private readonly List<ProbeSession> _sessions = [];

    /// <summary>Sessions that run; they go on when the watch ends.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    public ProbeSession[] InputObject { get; set; } = [];

    /// <summary>How long to watch.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Duration { get; set; }

    /// <summary>How many events to watch for.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MaxEvents { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        base.OnRecord();
        _sessions.AddRange(InputObject);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (_sessions.Count > 0)
        {
            WatchSessions();
        }
        else if (RequestOther() is SessionRequest request)
        {
            Watch(request, null);
        }
        else if (!NoInputCame)
        {
            WatchProbes();
        }
    }

    private void WatchProbes()
    {
        SessionOptions options = BuildOptions();
        options.Validate();
        using ProcessWatch processes = ProcessWatch.Open(ProcessIds);
        if (ProcessIds.Count > 0 && !CheckProcesses(processes))
        {
            return;
        }

        WarnOfEcho(options);
        Watch(
            RequestProbes(options),
            ProcessIds.Count == 0 ? null : session => processes.AllGone() && (!IncludeChild || session.FamilyIsEmpty()));
    }

    /// <param name="request">What to start.</param>
    /// <param name="isOver">Ends the watch when it says so; null for no such end.</param>
    private void Watch(SessionRequest request, Func<ProbeSession, bool>? isOver)
    {
        using ProbeSession session = request.Start();
        SessionRegistry.Add(session, LossAction);
        DescribeSession(session, "is attached");
        Stream([session], owned: true, isOver is null ? null : () => isOver(session));
    }

    private void WatchSessions()
    {
        ProbeSession[] sessions = _sessions.Distinct().ToArray();
        foreach (ProbeSession session in sessions)
        {
            if (session.Options is SessionOptions options)
            {
                WarnOfEcho(options);
            }
        }

        Stream(sessions, owned: false, isOver: null);
    }

    private void Stream(IReadOnlyList<ProbeSession> sessions, bool owned, Func<bool>? isOver)
    {
        using EventStream stream = new(one => WriteObject(one), StopToken)
        {
            Duration = IsBound(nameof(Duration)) ? Duration : null,
            MaxEvents = IsBound(nameof(MaxEvents)) ? MaxEvents : null,
            IsOver = isOver,
        };
        try
        {
            foreach (ProbeSession session in sessions)
            {
                stream.Add(session, owned, LossActionFor(session));
            }

            stream.Run();
        }
        finally
        {
            // First the end of the sessions that end with the stream: their accounts are final then.
            stream.Dispose();
            foreach (ProbeSession session in sessions)
            {
                Account(session);
            }
        }

        FailOfLoss(sessions.Where(session => LossActionFor(session) == LossAction.Stop), stream);
    }

    /// <summary>Everything has been handed on: what was lost meanwhile ends the command, what was lost before is said.</summary>
    private void FailOfLoss(IEnumerable<ProbeSession> sessions, EventStream stream)
    {
        EbpfException? failure = null;
        foreach (ProbeSession session in sessions)
        {
            bool meanwhile = stream.HasLost(session);
            if (Stopping || TakeLoss(session) is not EbpfException news)
            {
                continue;
            }

            if (meanwhile && failure is null)
            {
                failure = news;
            }
            else
            {
                WriteError(news);
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private LossAction LossActionFor(ProbeSession session) =>
        IsBound(nameof(LossAction)) ? LossAction : SessionRegistry.TermsOf(session).LossAction;

    private void Account(ProbeSession session)
    {
        if (!Stopping)
        {
            WriteVerbose(LossText.Account(session.Loss));
        }

        if (LossActionFor(session) == LossAction.Warn)
        {
            WarnOfLoss(session);
        }
    }

    private bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
