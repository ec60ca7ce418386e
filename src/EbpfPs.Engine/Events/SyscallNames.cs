using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>
/// A table of the kernel's syscalls: which number stands for which name. Numbers never change and are never used
/// again, so a table is right on older kernels too; a call that is newer than the table is named by its number.
/// </summary>
public sealed partial class SyscallNames
{
    private static readonly Lazy<SyscallNames> _x64 = new(() => new SyscallNames(X64Table));
    private static readonly Lazy<SyscallNames> _i386 = new(() => new SyscallNames(I386Table));
    private static readonly Lazy<SyscallNames> _arm64 = new(() => new SyscallNames(Arm64Table));
    private static readonly Lazy<SyscallNames> _arm = new(() => new SyscallNames(ArmTable));

    private readonly FrozenDictionary<uint, string> _names;
    private readonly FrozenDictionary<string, uint> _numbers;

    private SyscallNames(string table)
    {
        Dictionary<uint, string> names = [];
        uint next = 0;
        foreach (string word in table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (char.IsAsciiDigit(word[0]))
            {
                next = uint.Parse(word, CultureInfo.InvariantCulture);
            }
            else
            {
                names.Add(next++, word);
            }
        }

        _names = names.ToFrozenDictionary();
        _numbers = names.ToFrozenDictionary(call => call.Value, call => call.Key, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The calls of 64-bit processes on x86-64.</summary>
    public static SyscallNames X64 => _x64.Value;

    /// <summary>The calls of 32-bit processes on x86-64, and of <c>int $0x80</c> in any process.</summary>
    public static SyscallNames I386 => _i386.Value;

    /// <summary>The calls of 64-bit processes on arm64.</summary>
    public static SyscallNames Arm64 => _arm64.Value;

    /// <summary>The calls of 32-bit processes on arm64: the EABI's.</summary>
    public static SyscallNames Arm => _arm.Value;

    /// <summary>The calls of this machine's 64-bit processes.</summary>
    public static SyscallNames Native => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? X64 : Arm64;

    /// <summary>The calls of this machine's 32-bit processes.</summary>
    public static SyscallNames Compat => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? I386 : Arm;

    /// <summary>The numbers that have a name, in no order.</summary>
    public IEnumerable<uint> Numbers => _names.Keys;

    /// <summary>The names, in no order.</summary>
    public IEnumerable<string> Names => _numbers.Keys;

    /// <summary>The name of a call.</summary>
    /// <returns>The name as the uapi headers have it; <c>syscall_N</c> for a number that the table doesn't know.</returns>
    public string NameOf(uint number) =>
        _names.TryGetValue(number, out string? name) ? name : string.Create(CultureInfo.InvariantCulture, $"syscall_{number}");

    /// <summary>The number of a call, by its name in any case; null where the table has no such call.</summary>
    public uint? NumberOf(string name) => _numbers.TryGetValue(name, out uint number) ? number : null;
}
