namespace EbpfPs.Cmdlets;

/// <content>Filters that would not do what they seem to.</content>
public abstract partial class ProbeSourceCommand
{
    /// <summary>
    /// A filter that was given and names nothing: a script's list was empty. To leave the filter away would trace the
    /// whole machine.
    /// </summary>
    private void RefuseEmptyFilters()
    {
        RefuseEmpty(nameof(ProcessId), ProcessId);
        RefuseEmpty(nameof(ProcessName), ProcessName);
        RefuseEmpty(nameof(UserId), UserId);
        RefuseEmpty(nameof(UserName), UserName);
        RefuseEmpty(nameof(CgroupPath), CgroupPath);
        RefuseEmpty(nameof(Syscall), Syscall);
    }

    private void RefuseEmpty<T>(string option, T[] values)
    {
        if (!MyInvocation.BoundParameters.ContainsKey(option) || (values.Length > 0 && !Array.Exists(values, value => value is "")))
        {
            return;
        }

        string what = values.Length == 0 ? $"-{option} was given and names nothing." : $"-{option} was given an empty name.";
        throw new EbpfException(EbpfErrorId.InvalidArgument, what, $"Name something, or leave -{option} out: without it all are traced.", target: option);
    }

    private void WarnOfSelf()
    {
        if (!IncludeSelf && _processIds.Contains(Environment.ProcessId))
        {
            WriteWarning($"Process {Environment.ProcessId} is this PowerShell itself, which is left out. -IncludeSelf traces it too.");
        }
    }
}
