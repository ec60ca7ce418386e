using System.Collections;
using System.Management.Automation;

namespace EbpfPs.Parameters;

/// <summary>Refuses $null among numbers, which PowerShell would take for 0: as a user, that is root.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NoNullNumberAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is IEnumerable several and not string && several.Cast<object?>().Contains(null)
            ? throw new ArgumentTransformationMetadataException("One of the numbers is $null.")
            : inputData;
}
