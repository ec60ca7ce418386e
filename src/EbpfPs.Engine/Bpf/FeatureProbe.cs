namespace EbpfPs.Bpf;

/// <summary>What came of looking for a feature.</summary>
/// <param name="Supported">Whether it works.</param>
/// <param name="Detail">What was seen of it.</param>
/// <param name="Reason">Why it doesn't work.</param>
/// <param name="Remedy">What can be done.</param>
internal sealed record Finding(bool Supported, string Detail, string Reason, string Remedy)
{
    /// <summary>It works.</summary>
    public static Finding Yes(string detail) => new(true, detail, "", "");

    /// <summary>It doesn't.</summary>
    public static Finding No(string reason, string remedy, string detail = "") => new(false, detail, reason, remedy);

    /// <summary>It doesn't, as an exception says.</summary>
    public static Finding No(EbpfException error) => No(error.Message, error.Hint);
}

/// <summary>A feature, and how to find out whether it works.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Category">What it is about.</param>
/// <param name="Since">The first version of Linux that has it; empty where that means nothing.</param>
/// <param name="Description">What it is, in one sentence.</param>
/// <param name="Look">Tries it, or reads its state; leaves nothing behind.</param>
internal sealed record FeatureProbe(
    string Name, KernelFeatureCategory Category, string Since, string Description, Func<Finding> Look)
{
    /// <summary>Looks, and puts the finding into words for the user.</summary>
    public KernelFeature Test()
    {
        Finding found;
        try
        {
            found = Look();
        }
        catch (EbpfException error)
        {
            found = Finding.No(error);
        }

        return new KernelFeature(Name, Category, Description, found.Supported, Since, found.Detail, found.Reason, found.Remedy);
    }
}
