namespace EbpfPs.Codegen;

/// <summary>Where a program of bcc's dialect gets the arguments of its function from.</summary>
internal enum ArgumentSource
{
    /// <summary>There are none but the context.</summary>
    Context,

    /// <summary>The tracepoint at the entry of a syscall, <c>struct trace_event_raw_sys_enter</c>.</summary>
    SyscallEntry,

    /// <summary>The tracepoint at its return, <c>struct trace_event_raw_sys_exit</c>.</summary>
    SyscallReturn,

    /// <summary>The typed arguments of fentry.</summary>
    Typed,

    /// <summary>The result that fexit has.</summary>
    TypedReturn,

    /// <summary>The registers of a kprobe.</summary>
    Registers,

    /// <summary>The registers of a kretprobe.</summary>
    RegistersReturn,
}

/// <summary>A function of a source in bcc's dialect and the place where it is to run.</summary>
/// <param name="Function">The function's name; empty for the only one.</param>
/// <param name="Section">The ELF section, which says where libbpf attaches it.</param>
/// <param name="Arguments">Where its arguments come from.</param>
/// <param name="Names">The names that they have there, in their order; empty where they aren't known.</param>
internal sealed record EntryPoint(string Function, string Section, ArgumentSource Arguments, IReadOnlyList<string> Names);
