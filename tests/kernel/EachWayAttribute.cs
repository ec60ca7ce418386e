using System.Reflection;
using EbpfPs.Probes;
using Xunit.Sdk;

namespace EbpfPs.KernelTests;

/// <summary>A theory that runs through both mechanisms of exec and open, with the same further arguments.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class EachWayAttribute(params object[] more) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        ProbeCatalog.Find("open").Mechanisms.Select(mechanism => (object[])[mechanism.Name, .. more]);
}
