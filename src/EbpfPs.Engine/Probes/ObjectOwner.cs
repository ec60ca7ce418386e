using System.Collections.ObjectModel;
using System.Globalization;

namespace EbpfPs.Probes;

/// <summary>A process that holds an object of the kernel open.</summary>
/// <param name="ProcessId">Its number, in the reader's pid namespace.</param>
/// <param name="ProcessName">Its name (comm).</param>
public sealed record ObjectOwner(int ProcessId, string ProcessName)
{
    /// <summary>Name and number: <c>systemd (1)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ProcessName} ({ProcessId})");
}

/// <summary>A list that stays readable in a CSV file: its elements, with a blank between them.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
public sealed class ObjectList<T> : ReadOnlyCollection<T>
{
    internal ObjectList(IEnumerable<T> items)
        : base(items.ToArray())
    {
    }

    /// <summary>All of them on one line.</summary>
    public override string ToString() =>
        string.Join(' ', this.Select(item => Convert.ToString(item, CultureInfo.InvariantCulture)));
}
