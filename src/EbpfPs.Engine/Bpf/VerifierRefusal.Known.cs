namespace EbpfPs.Bpf;

/// <summary>The table: the first that fits is it, so what is special stands before what is general.</summary>
internal sealed partial record VerifierRefusal
{
    private const string TestForNull = "Test the pointer before it is used: if (!value) return 0; — on every path, and again after each new look-up.";
    private const string TestBounds = "Test the offset right before the access: if (i >= sizeof(array)) return 0; or, for a size that is a power of two, i &= sizeof(array) - 1.";
    private const string BoundLoop = "Give the loop a constant number of rounds, for (int i = 0; i < 100; i++), or use bpf_loop() (Linux 5.17) or bpf_for() (Linux 6.4).";
    private const string ShrinkProgram = "Shorten loops, move their bodies into bpf_loop() callbacks (Linux 5.17) or global functions, which are verified once, or split the work with bpf_tail_call().";
    private const string ReadByHelper = "Read kernel memory with bpf_probe_read_kernel() or BPF_CORE_READ(), and a process's memory with bpf_probe_read_user().";
    private const string KeepOnMap = "Keep large variables in a per-CPU array map instead; functions that call each other share the 512 bytes.";
    private const string OwnContext = "Take the context's fields by name at constant offsets, and keep to the structure that this type of program gets (struct xdp_md, struct pt_regs, ...).";

    private static readonly VerifierRefusal[] _known =
    [
        New(
            @"^failed to resolve CO-RE relocation <(?<kind>\w+)> \[\d+\] (?<what>.+?)(?= \(|$)",
            match => $"it uses {match.Groups["what"].Value}, which this kernel doesn't have",
            "Ask bpf_core_field_exists() or bpf_core_type_exists() before it is used, and look the name up in the kernel's types: bpftool btf dump file /sys/kernel/btf/vmlinux format c."),
        New(
            @"^BPF map '(?<map>[^']+)' is referenced but wasn't created",
            match => $"it uses map '{match.Groups["map"].Value}', which was left out",
            "Use the map only where a const volatile variable says that it is there."),
        New(
            @"R\d+ (?:invalid mem access '(?<type>\w*or_null\w*)'|pointer arithmetic on (?<type>\w*or_null\w*) prohibited|type=(?<type>\w*or_null\w*) expected)",
            match => $"it uses {Nullable(match.Groups["type"].Value)} that may be null",
            TestForNull),
        New(@"Possibly NULL pointer passed to", "it passes a pointer that may be null", TestForNull),
        New(@"R\d+ invalid mem access '(?:inv|scalar)'", "it uses a number as a pointer", ReadByHelper),
        New(
            @"R\d+ invalid mem access '(?<type>[^']+)'",
            match => $"it reads or writes through a pointer of type {match.Groups["type"].Value}, which can't be",
            ReadByHelper),
        New(
            @"^invalid access to map value, value_size=(?<all>\d+) off=(?<at>-?\d+) size=(?<size>\d+)",
            match => Outside("a map's value", match),
            TestBounds),
        New(
            @"^invalid access to memory, mem_size=(?<all>\d+) off=(?<at>-?\d+) size=(?<size>\d+)",
            match => Outside("reserved memory", match),
            TestBounds),
        New(
            @"^invalid access to packet, |R\d+ offset is outside of the packet",
            "it reads or writes bytes that the packet may not have",
            "Compare with the packet's end first: if (data + size > data_end) return XDP_PASS; — on the same pointer that is then used."),
        New(@"^math between \S+ pointer and register with unbounded|pointer be out of bounds$|R\d+ unbounded memory access, make sure", "it adds a number of unknown range to a pointer", TestBounds),
        New(
            @"R(?<number>\d) (?:min value is negative|unbounded memory access, use|invalid zero-sized read)",
            match => $"argument {match.Groups["number"].Value} of the call is a size of unknown range",
            "Test the size right before the call: if (size > sizeof(buffer)) return 0; with an unsigned size, or mask it: size &= sizeof(buffer) - 1."),
        New(@"^infinite loop detected at insn", "it has a loop that doesn't end", BoundLoop),
        New(@"^back-edge from insn", "it has a loop, which this kernel allows to privileged users only, or to nobody before Linux 5.3", "Unroll the loop (#pragma unroll), or load the program with CAP_BPF and CAP_PERFMON on a newer kernel."),
        New(@"^BPF program is too large\. Processed (?<count>\d+) insn", match => $"its paths have more than {(long.Parse(match.Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture) - 1).ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} instructions together", ShrinkProgram),
        New(@"^The sequence of (?<count>\d+) jumps is too complex", match => $"it branches {match.Groups["count"].Value} times in a row without its paths meeting again", ShrinkProgram),
        New(
            @"^combined stack size of (?<calls>\d+) calls is (?<size>\d+)\. Too large",
            match => $"its functions together use {Bytes(match.Groups["size"].Value)} of stack, and 512 are all",
            KeepOnMap),
        New(@"^stack size(?: of subprog)? .*[Tt]oo large", "a function of it uses more than the 512 bytes of stack", KeepOnMap),
        New(
            @"^invalid (?:indirect )?read from stack (?:R\d+ )?(?:var_)?off",
            "it reads memory on the stack that nothing was stored in, or outside the stack",
            "Clear the variable when it is declared: struct event e = {}; — for a struct with padding, __builtin_memset(&e, 0, sizeof(e))."),
        New(
            @"^invalid (?:(?:variable-offset |unbounded variable-offset )?(?:write to|read from|indirect access to) )?stack (?:R\d+ )?(?:var_)?off|^variable(?:-offset)? (?:stack )?(?:read|write|access).*stack|^R\d+ stack pointer arithmetic goes out of range",
            "it reads or writes outside its stack, or at an offset on it that isn't constant",
            "Use arrays on the stack with constant or tested indexes; keep what is larger in a per-CPU array map."),
        New(@"^R0 !read_ok", "it ends, or goes on, without a value in register R0", "Return a value on every path: return 0; at the end of the function."),
        New(
            @"^R(?<number>\d+) !read_ok",
            match => $"it uses register R{match.Groups["number"].Value}, which nothing was put in",
            "Give every variable a value when it is declared. After a call the registers R1 to R5 hold nothing any more."),
        New(@"^last insn is not an exit or jmp|^jump out of range", "it runs past its end", "End the function in a return statement; after an endless loop or __builtin_unreachable() the compiler writes none."),
        New(
            @"^unreachable insn (?<number>\d+)",
            match => $"it has an instruction that no path reaches",
            "Take the dead code out. Compile with -O2, which drops dead branches; inline assembly stays as it was written."),
        New(
            @"^(?:unknown func|program of this type cannot use helper|cannot use helper) (?<name>[^#\s]+)#",
            match => $"it calls {match.Groups["name"].Value}(), which this type of program can't call on this kernel",
            "bpftool feature probe lists each program type's helpers on this kernel. Attach the program elsewhere, or use another helper."),
        New(
            @"^calling kernel function (?<name>\S+) is not allowed",
            match => $"it calls the kernel's {match.Groups["name"].Value}(), which this type of program can't call",
            "Attach the program where the function is allowed, or use a helper."),
        New(
            @"helper call (?:might sleep|is not allowed)|^invalid func ",
            "it calls a helper that is not allowed at this place",
            "A helper that sleeps needs a sleepable section (fentry.s, lsm.s, uprobe.s), and none may be called while a lock is held."),
        New(
            @"^cannot call GPL-restricted (?:function|helper)",
            "it calls a helper that only programs under the GPL may call",
            "Declare a compatible licence: char LICENSE[] SEC(\"license\") = \"GPL\"; or \"Dual MIT/GPL\"."),
        New(
            @"^Unreleased reference id=\d+",
            "it ends without giving back what it took",
            "Give it back on every path: bpf_ringbuf_submit() or bpf_ringbuf_discard() after a reservation, bpf_sk_release() after a socket look-up."),
        New(
            @"^R(?<number>[1-5]) type=(?<type>\w+) expected",
            match => $"argument {match.Groups["number"].Value} of the call is {Kind(match.Groups["type"].Value)}, which the helper doesn't take there",
            "Pass the address of a variable where the helper takes memory (&key), the map itself where it takes a map (&map), and ctx where it takes the context."),
        New(
            @"^R\d+ .*(?:pointer|operator).* prohibited",
            "it calculates with a pointer in a way that can't be checked",
            "Only add numbers to pointers and subtract them; copy the address into an integer variable with bpf_probe_read_kernel() if its bits are wanted."),
        New(
            @"^write into map forbidden|^R\d+ cannot write into|^cannot write into|^only read is supported",
            "it writes to memory that it may only read",
            "Constants, const volatile variables, packets of some programs and the kernel's own structures can't be written."),
        New(
            @"^invalid bpf_context access off=(?<at>-?\d+) size=(?<size>\d+)",
            match => $"it reads or writes {Bytes(match.Groups["size"].Value)} at offset {match.Groups["at"].Value} of its context, which this type of program doesn't have",
            OwnContext),
        New(@"^variable ctx access|^dereference of modified ctx ptr|^negative offset ctx ptr", "it reads its context at an offset that isn't constant", OwnContext),
        New(
            @"^access beyond (?:struct (?<name>\w+)|the end of member .* in struct (?<name>\w+))",
            match => $"it reads beyond the end of struct {match.Groups["name"].Value}",
            "Compile against this kernel's vmlinux.h, with CO-RE accesses (preserve_access_index)."),
        New(
            @"^At program exit the register R0 (?:has )?(?:value \(0x(?<known>[0-9a-f]+); 0x(?<unknown>[0-9a-f]+)\)|(?:smin=(?<smin>-?\d+) )?(?:smax=(?<smax>-?\d+) )?|unknown scalar value) ?should have been in (?:\[(?<from>-?\d+), (?<to>-?\d+)\]|\(0x(?<base>[0-9a-f]+); 0x(?<free>[0-9a-f]+)\))",
            Verdict,
            "Return one of the values that this type of program has, on every path."),
        New(
            @"^misaligned \w+ access",
            "it reads or writes at an address that isn't a multiple of the size",
            "Copy with __builtin_memcpy(), or declare the structure packed so that the compiler reads it byte by byte."),
        New(
            @"^R\d+ leaks addr|^attempt to corrupt spilled pointer|^R\d+ pointer comparison prohibited",
            "it would show an address of the kernel to user space",
            "Load it with CAP_PERFMON, or don't store pointers in maps and return values."),
        New(
            @"bpf_spin_(?:un)?lock|while holding a lock|lock .*held",
            "it takes or gives back a lock where that may not be",
            "Between bpf_spin_lock() and bpf_spin_unlock() call nothing, and unlock on every path."),
    ];
}
