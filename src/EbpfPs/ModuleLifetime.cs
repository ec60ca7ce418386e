using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace EbpfPs;

/// <summary>Ends what is running when the module is removed: sessions would go on without a command to stop them.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionRegistry.StopThoseOf(Runspace.DefaultRunspace);
}
