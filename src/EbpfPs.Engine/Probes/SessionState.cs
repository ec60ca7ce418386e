namespace EbpfPs.Probes;

/// <summary>Where a session is in its life.</summary>
public enum SessionState
{
    /// <summary>Its programs are in the kernel and verified, and not attached.</summary>
    Loaded,

    /// <summary>It makes events.</summary>
    Running,

    /// <summary>It has ended; its report remains.</summary>
    Stopped,
}
