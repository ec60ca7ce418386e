using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed partial class SyscallNamesTests
{
    public static TheoryData<string, uint, string> Known => new()
    {
        // Beginning, holes and end of each table, from the kernel's own .tbl files.
        { "X64", 0, "read" }, { "X64", 59, "execve" }, { "X64", 334, "rseq" }, { "X64", 424, "pidfd_send_signal" }, { "X64", 471, "rseq_slice_yield" },
        { "I386", 0, "restart_syscall" }, { "I386", 20, "getpid" }, { "I386", 102, "socketcall" }, { "I386", 140, "_llseek" }, { "I386", 386, "rseq" },
        { "I386", 393, "semget" }, { "I386", 403, "clock_gettime64" }, { "I386", 471, "rseq_slice_yield" },
        { "Arm64", 0, "io_setup" }, { "Arm64", 63, "read" }, { "Arm64", 221, "execve" }, { "Arm64", 260, "wait4" }, { "Arm64", 294, "kexec_file_load" }, { "Arm64", 437, "openat2" },
        { "Arm", 3, "read" }, { "Arm", 11, "execve" }, { "Arm", 281, "socket" }, { "Arm", 403, "clock_gettime64" }, { "Arm", 437, "openat2" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void NamesAndNumbersGoBothWays(string table, uint number, string name)
    {
        Assert.Equal(name, Table(table).NameOf(number));
        Assert.Equal(number, Table(table).NumberOf(name));
        Assert.Equal(number, Table(table).NumberOf(name.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("X64", 350u)]
    [InlineData("I386", 222u)]
    [InlineData("Arm64", 250u)]
    [InlineData("Arm", 7u)]
    [InlineData("X64", 473u)]
    [InlineData("X64", uint.MaxValue)]
    public void ANumberWithoutANameIsCalledByIt(string table, uint number)
    {
        Assert.Equal($"syscall_{number}", Table(table).NameOf(number));
        Assert.DoesNotContain(number, Table(table).Numbers);
    }

    [Fact]
    public void ANameThatIsNoneHasNoNumber()
    {
        Assert.Null(SyscallNames.X64.NumberOf("raed"));
        Assert.Null(SyscallNames.X64.NumberOf("socketcall"));
        Assert.Null(SyscallNames.X64.NumberOf(""));
    }

    [Theory]
    [InlineData("X64", 386)]
    [InlineData("I386", 462)]
    [InlineData("Arm64", 328)]
    [InlineData("Arm", 425)]
    public void TheTablesAreWhole(string table, int count)
    {
        Assert.Equal(count, Table(table).Numbers.Count());
        Assert.Equal(count, Table(table).Names.Distinct().Count());
        Assert.All(Table(table).Names, name => Assert.Matches("^[a-z_][a-z0-9_]*$", name));
    }

    /// <summary>Both tables of this machine against the headers that the build needs anyway.</summary>
    [Fact]
    public void TheTablesAgreeWithTheInstalledHeaders()
    {
        if (RuntimeInformation.OSArchitecture == Architecture.X64)
        {
            AssertAgrees(SyscallNames.X64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 350);
            AssertAgrees(SyscallNames.I386, "/usr/include/x86_64-linux-gnu/asm/unistd_32.h", 400);
            return;
        }

        // Names that are one thing on 32-bit and another on 64-bit machines are made with a macro there.
        AssertAgrees(SyscallNames.Arm64, "/usr/include/asm-generic/unistd.h", 250);
    }

    private static void AssertAgrees(SyscallNames table, string header, int least)
    {
        MatchCollection numbers = DefinePattern().Matches(File.ReadAllText(header));

        Assert.InRange(numbers.Count, least, 1000);
        Assert.All(numbers, call => Assert.Equal(
            call.Groups["name"].Value,
            table.NameOf(uint.Parse(call.Groups["number"].ValueSpan, CultureInfo.InvariantCulture))));
    }

    private static SyscallNames Table(string name) => name switch
    {
        "X64" => SyscallNames.X64,
        "I386" => SyscallNames.I386,
        "Arm64" => SyscallNames.Arm64,
        _ => SyscallNames.Arm,
    };

    [GeneratedRegex(@"^#define __NR_(?!arch_specific|syscalls)(?<name>\w+)\s+(?<number>[0-9]+)\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex DefinePattern();
}
