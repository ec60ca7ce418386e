namespace EbpfPs;

/// <summary>What a command does when events are lost.</summary>
public enum LossAction
{
    /// <summary>Says so at its end: one warning with the numbers.</summary>
    Warn,

    /// <summary>Ends with an error as soon as loss is seen.</summary>
    Stop,

    /// <summary>Nothing; the loss report still has the numbers.</summary>
    Ignore,
}
