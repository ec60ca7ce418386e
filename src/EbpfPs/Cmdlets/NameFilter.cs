using System.Management.Automation;

namespace EbpfPs.Cmdlets;

/// <summary>Chooses objects by their names, as PowerShell does: wildcards, no difference between upper and lower case.</summary>
internal static class NameFilter
{
    /// <summary>The objects that a name stands for, each once, in the order of the names; all where there are no names.</summary>
    /// <param name="all">All objects there are.</param>
    /// <param name="names">Names or patterns.</param>
    /// <param name="nameOf">An object's name.</param>
    /// <param name="missing">What to do for a name, not a pattern, that no object has.</param>
    /// <exception cref="EbpfException">A name is a malformed wildcard.</exception>
    public static IEnumerable<T> Select<T>(IEnumerable<T> all, string[] names, Func<T, string> nameOf, Action<string> missing)
        where T : class
    {
        if (names.Length == 0)
        {
            return all;
        }

        T[] list = all.ToArray();
        List<T> found = [];
        foreach (string name in names)
        {
            WildcardPattern pattern = NamePattern.Of(name);
            T[] some = Array.FindAll(list, one => pattern.IsMatch(nameOf(one)));
            if (some.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                missing(name);
            }

            found.AddRange(some.Except(found));
        }

        return found;
    }
}
