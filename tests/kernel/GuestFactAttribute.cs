using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>A fact that changes the whole machine for a while: it runs in the emulated ones of tests/vm only.</summary>
public sealed class GuestFactAttribute : FactAttribute
{
    /// <param name="change">What it does to the machine.</param>
    public GuestFactAttribute(string change)
    {
        if (!Machine.IsEmulated)
        {
            Skip = $"{change}: only in an emulated machine (tests/vm)";
        }
    }
}
