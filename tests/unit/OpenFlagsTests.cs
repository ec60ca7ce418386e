using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class OpenFlagsTests
{
    [Fact]
    public void TheNumbersAreThoseOfTheKernelsHeader()
    {
        string header = File.ReadAllText("/usr/include/asm-generic/fcntl.h");
        Dictionary<string, int> octal = Regex.Matches(header, @"^#define\s+(\w+)\s+0([0-7]+)\b", RegexOptions.Multiline)
            .ToDictionary(match => match.Groups[1].Value, match => Convert.ToInt32(match.Groups[2].Value, 8));

        foreach (OpenFlags flag in Enum.GetValues<OpenFlags>().Where(flag => flag is not (OpenFlags.O_RDONLY or OpenFlags.O_ASYNC)))
        {
            // The header makes these two of others; O_ASYNC it calls FASYNC.
            int expected = flag switch
            {
                OpenFlags.O_SYNC => octal["__O_SYNC"] | octal["O_DSYNC"],
                OpenFlags.O_TMPFILE => octal["__O_TMPFILE"] | octal["O_DIRECTORY"],
                _ => octal[flag.ToString()],
            };
            Assert.Equal(Convert.ToString(expected, 8), Convert.ToString((int)flag, 8));
        }

        Assert.Equal(OpenFlags.O_ASYNC, (OpenFlags)octal["FASYNC"]);
        Assert.Equal(OpenFlags.O_RDONLY, (OpenFlags)octal["O_RDONLY"]);
    }

    [Theory]
    [InlineData("040000", OpenFlags.O_DIRECTORY)]
    [InlineData("0100000", OpenFlags.O_NOFOLLOW)]
    [InlineData("0200000", OpenFlags.O_DIRECT)]
    [InlineData("0400000", OpenFlags.O_LARGEFILE)]
    [InlineData("0100", OpenFlags.O_CREAT)]
    [InlineData("02", OpenFlags.O_RDWR)]
    [InlineData("02000000", OpenFlags.O_CLOEXEC)]
    [InlineData("04010000", OpenFlags.O_SYNC)]
    [InlineData("020040000", OpenFlags.O_TMPFILE)]
    [InlineData("02140000", OpenFlags.O_CLOEXEC | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW)]
    public void Arm64HasFourOfThemElsewhere(string octal, OpenFlags flags)
    {
        // arch/arm64/include/uapi/asm/fcntl.h; the others are as everywhere.
        uint raw = Convert.ToUInt32(octal, 8);

        Assert.Equal(flags, OpenFlagsOf.Kernel(raw, Architecture.Arm64));
        Assert.Equal((OpenFlags)raw, OpenFlagsOf.Kernel(raw, Architecture.X64));
    }

    [Fact]
    public void NoBitIsLostOnArm64() =>
        Assert.All(Enumerable.Range(0, 32), bit =>
        {
            OpenFlags one = OpenFlagsOf.Kernel(1U << bit, Architecture.Arm64);

            Assert.Equal(1, System.Numerics.BitOperations.PopCount((uint)one));
        });

    [Fact]
    public void FlagsReadAsTheirNames() =>
        Assert.Equal("O_WRONLY, O_CREAT, O_TRUNC, O_CLOEXEC", ((OpenFlags)0x80241).ToString());
}
