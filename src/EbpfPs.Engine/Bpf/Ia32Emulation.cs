namespace EbpfPs.Bpf;

/// <summary>Whether an x86-64 kernel that could run 32-bit programs was told not to (since Linux 6.7).</summary>
internal static class Ia32Emulation
{
    private const string Parameter = "ia32_emulation=";

    /// <summary>Why 32-bit programs don't run; empty where they do.</summary>
    /// <param name="commandLine">The kernel's, as /proc/cmdline has it.</param>
    /// <param name="config">What it was built with; null where that is not known.</param>
    /// <remarks>
    /// arch/x86/entry/common.c: the parameter is read as kstrtobool() reads, which looks at one letter, or two after
    /// an o, and leaves what it can't read as it was; the last one that it can read decides.
    /// </remarks>
    public static string OffBecause(string commandLine, KernelConfig? config)
    {
        string? decided = commandLine.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .LastOrDefault(word => word.StartsWith(Parameter, StringComparison.Ordinal) && IsOn(word[Parameter.Length..]) is not null);
        if (decided is not null)
        {
            return IsOn(decided[Parameter.Length..]) == false ? $"{decided} is on the kernel's command line." : "";
        }

        return config?.Has("CONFIG_IA32_EMULATION_DEFAULT_DISABLED") == true
            ? "This kernel was built with CONFIG_IA32_EMULATION_DEFAULT_DISABLED, and ia32_emulation=on is not on its command line."
            : "";
    }

    private static bool? IsOn(string value) => value switch
    {
        ['y' or 'Y' or 't' or 'T' or '1', ..] or ['o' or 'O', 'n' or 'N', ..] => true,
        ['n' or 'N' or 'f' or 'F' or '0', ..] or ['o' or 'O', 'f' or 'F', ..] => false,
        _ => null,
    };
}
