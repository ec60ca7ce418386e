namespace EbpfPs.Events;

/// <summary>
/// What comes out of a session: an event of a built-in probe, a record of a program that the user brought, or a line
/// that such a program printed.
/// </summary>
public abstract class EbpfRecord
{
    /// <summary>For the types of records, some of which are made at run time.</summary>
    protected EbpfRecord()
    {
    }
}
