using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A program's attachment to a hook. Disposing it detaches; so does the end of the process.</summary>
public sealed class BpfLink : IDisposable
{
    private readonly BpfLinkHandle _handle;

    internal BpfLink(BpfLinkHandle handle, string program, string section)
    {
        _handle = handle;
        Program = program;
        Section = section;
    }

    /// <summary>The program's name.</summary>
    public string Program { get; }

    /// <summary>The hook, as the program's section names it.</summary>
    public string Section { get; }

    /// <summary>Detaches the program.</summary>
    public void Dispose() => _handle.Dispose();
}
