using System.Runtime.InteropServices;
using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>A program's attachment to a hook. Disposing it detaches; so does the end of the process.</summary>
public sealed class BpfLink : IDisposable
{
    /// <summary>A pipe for good, and one file at a time while it starts.</summary>
    private const int FilesOfAThread = 3;

    private readonly SafeHandle _handle;

    /// <param name="handle">A link of libbpf's, or the descriptor of one.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="section">The hook.</param>
    internal BpfLink(SafeHandle handle, string program, string section)
    {
        _handle = handle;
        Program = program;
        Section = section;
    }

    /// <summary>The program's name.</summary>
    public string Program { get; }

    /// <summary>The hook, as the program's section names it.</summary>
    public string Section { get; }

    /// <summary>
    /// Detaches many at once. The kernel waits for RCU grace periods for each tracepoint that it lets go
    /// (perf_event_detach_bpf_prog, perf_trace_event_unreg), tens of milliseconds on a busy machine; calls that come at
    /// the same time share some of them. So each link has a thread, which does nothing but wait. A thread opens files of its
    /// own when it starts, and .NET ends the whole process where it can't: then this one detaches them in turn.
    /// </summary>
    public static void DisposeAll(IEnumerable<BpfLink> links)
    {
        BpfLink[] all = links.ToArray();
        if (!DescriptorLimit.Allows(FilesOfAThread * all.Length))
        {
            Array.ForEach(all, link => link.Dispose());
            return;
        }

        Thread[] threads = all.Select(link => new Thread(link.Dispose)).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }

    /// <summary>Detaches the program.</summary>
    public void Dispose() => _handle.Dispose();
}
