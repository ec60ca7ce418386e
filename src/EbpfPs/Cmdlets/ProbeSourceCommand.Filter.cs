using System.Management.Automation;
using EbpfPs.Completion;
using EbpfPs.Parameters;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <content>Whose events are wanted; all of it is decided in the kernel.</content>
public abstract partial class ProbeSourceCommand
{
    private readonly List<int> _processIds = [];

    /// <summary>Processes by number. Those that come down the pipeline are gathered into one session.</summary>
    [Parameter(ParameterSetName = NameSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Pid")]
    [ProcessNumber]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ProcessIdCompleter))]
    public int[] ProcessId { get; set; } = [];

    /// <summary>Processes by name (comm), wildcards allowed.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ProcessNameCompleter))]
    public string[] ProcessName { get; set; } = [];

    /// <summary>Real user ids.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [NoNullNumber]
    [ValidateNotNull]
    public uint[] UserId { get; set; } = [];

    /// <summary>Users by name.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public string[] UserName { get; set; } = [];

    /// <summary>Cgroups by path; everything below them too. Of an object, where its cgroup programs are attached.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNull]
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = SourcePathSet)]
    [ArgumentCompleter(typeof(CgroupPathCompleter))]
    public string[] CgroupPath { get; set; } = [];

    /// <summary>Also what the chosen processes start.</summary>
    [Parameter(ParameterSetName = NameSet)]
    public SwitchParameter IncludeChild { get; set; }

    /// <summary>Also this PowerShell itself.</summary>
    [Parameter(ParameterSetName = NameSet)]
    public SwitchParameter IncludeSelf { get; set; }

    /// <summary>The processes that were named, or came down the pipeline.</summary>
    private protected IReadOnlyList<int> ProcessIds => _processIds;

    /// <summary>
    /// Whether processes were to come down the pipeline and none came: then nothing is to be traced, rather than
    /// everything.
    /// </summary>
    private protected bool NoInputCame => MyInvocation.ExpectingInput && _processIds.Count == 0;

    /// <inheritdoc/>
    protected override void OnRecord() => _processIds.AddRange(ProcessId);

    /// <summary>Writes an error for each number that is no process, and a warning for this one, which is left out.</summary>
    /// <returns>Whether any is left to trace.</returns>
    private protected bool CheckProcesses(ProcessWatch watch)
    {
        foreach (int pid in watch.Missing)
        {
            WriteError(new EbpfException(
                EbpfErrorId.NotFound,
                $"There is no process {pid}.",
                "It may have ended, or the number is a thread's. Get-Process lists the processes.",
                target: pid));
        }

        WarnOfSelf();
        return !watch.IsEmpty;
    }

    private ProcessFilter BuildFilter() => new()
    {
        ProcessIds = _processIds.Distinct().ToArray(),
        ProcessNames = ProcessName,
        UserIds = UserId.Concat(UserName.Select(SystemNames.UserId)).Distinct().ToArray(),
        CgroupPaths = CgroupPath,
        IncludeChild = IncludeChild,
        IncludeSelf = IncludeSelf,
    };
}
