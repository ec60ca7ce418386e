using System.Management.Automation;

namespace EbpfPs.Cmdlets;

/// <summary>Wildcards over names. A malformed one is found here, and not first where there is a name to compare it with.</summary>
internal static class NamePattern
{
    /// <summary>A pattern that ignores case.</summary>
    /// <exception cref="EbpfException">It is malformed.</exception>
    public static WildcardPattern Of(string name)
    {
        WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
        try
        {
            // It is compiled when it is first used.
            _ = pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException error)
        {
            throw Malformed(error, name);
        }
    }

    /// <summary>PowerShell's refusal of a pattern, as the module's.</summary>
    public static EbpfException Malformed(WildcardPatternException error, object target) => new(
        EbpfErrorId.InvalidArgument,
        error.Message,
        "about_Wildcards describes patterns; a backtick before a [ makes it stand for itself.",
        target: target,
        innerException: error);
}
