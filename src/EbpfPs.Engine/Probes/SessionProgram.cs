namespace EbpfPs.Probes;

/// <summary>What became of a program of a session.</summary>
public enum ProgramState
{
    /// <summary>It was not asked for.</summary>
    LeftOut,

    /// <summary>The kernel refused to load it.</summary>
    Refused,

    /// <summary>It is in the kernel and attached to nothing.</summary>
    Loaded,

    /// <summary>It is attached.</summary>
    Attached,
}

/// <summary>A program of a session.</summary>
/// <param name="Name">The function's name in the source.</param>
/// <param name="Section">Where it attaches, as its section says.</param>
/// <param name="State">What became of it.</param>
/// <param name="Hooks">What it is attached to.</param>
/// <param name="Reason">Why it is not attached, for people to read; empty where it is.</param>
public sealed record SessionProgram(string Name, string Section, ProgramState State, IReadOnlyList<string> Hooks, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
