using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace EbpfPs;

/// <summary>
/// What happens when the module comes and goes. A runspace that removes it ends the sessions that it started: no
/// command would be left to stop them.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport() => CompiledEngine.Load();

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionRegistry.StopThoseOf(Runspace.DefaultRunspace);
}
