using System.Management.Automation;
using EbpfPs.Bpf;
using EbpfPs.Completion;

namespace EbpfPs.Cmdlets;

/// <summary>Finds out what this kernel and this user can do.</summary>
[Cmdlet(VerbsDiagnostic.Test, "EbpfSupport")]
[OutputType(typeof(KernelFeature))]
public sealed class TestEbpfSupportCommand : EbpfCommand
{
    /// <summary>Features, wildcards allowed; all if left out.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FeatureNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        HashSet<string> done = [];
        foreach (string wanted in Name)
        {
            WildcardPattern pattern = NamePattern.Of(wanted);
            string[] matches = KernelFeatures.Descriptions.Select(one => one.Key).Where(pattern.IsMatch).ToArray();
            foreach (string name in matches.Where(done.Add))
            {
                if (StopToken.IsCancellationRequested)
                {
                    return;
                }

                WriteVerbose($"Looking for {name}.");
                WriteObject(KernelFeatures.Test(name));
            }

            if (matches.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(wanted))
            {
                WriteError(KernelFeatures.Unknown(wanted));
            }
        }
    }
}
