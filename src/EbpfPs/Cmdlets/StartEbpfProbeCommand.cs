using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>Starts probes in the background. With -WhatIf the kernel loads and verifies them, and nothing is attached.</summary>
[Cmdlet(VerbsLifecycle.Start, "EbpfProbe", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(ProbeSession))]
public sealed class StartEbpfProbeCommand : ProbeSourceCommand
{
    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (RequestOther() is SessionRequest request)
        {
            Start(request);
        }
        else if (!NoInputCame)
        {
            StartProbes();
        }
    }

    private void StartProbes()
    {
        SessionOptions options = BuildOptions();
        options.Validate();
        using ProcessWatch processes = ProcessWatch.Open(ProcessIds);
        if (ProcessIds.Count == 0 || CheckProcesses(processes))
        {
            Start(RequestProbes(options));
        }
    }

    private void Start(SessionRequest request)
    {
        string target = request.Target;
        if (ShouldProcess($"Trace {target} in the kernel", $"Trace {target} in the kernel?", "Start-EbpfProbe", out ShouldProcessReason reason))
        {
            ProbeSession session = request.Start();
            SessionRegistry.Add(session, LossAction);
            DescribeSession(session, "is attached");
            WriteObject(session);
        }
        else if (reason == ShouldProcessReason.WhatIf)
        {
            using ProbeSession session = request.Load();
            DescribeSession(session, "was loaded and verified, and not attached");
        }
    }
}
