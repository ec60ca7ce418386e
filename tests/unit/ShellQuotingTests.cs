using System.Diagnostics;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class ShellQuotingTests
{
    [Theory]
    [InlineData("plain-word_1.2/3:4=5,6@7%8+9", "plain-word_1.2/3:4=5,6@7%8+9")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("~", "'~'")]
    [InlineData("*", "'*'")]
    [InlineData("#", "'#'")]
    [InlineData("a\nb", "'a\nb'")]
    [InlineData("é", "'é'")]
    public void QuotesOnlyWhatNeedsIt(string argument, string quoted) => Assert.Equal(quoted, ShellQuoting.Quote(argument));

    [Fact]
    public void ArgumentsAreJoinedWithBlanks() => Assert.Equal("ls -l '' 'a b'", ShellQuoting.Join(["ls", "-l", "", "a b"]));

    [Fact]
    public void NoArgumentsAreNothing() => Assert.Equal("", ShellQuoting.Join([]));

    [Fact]
    public async Task AShellReadsBackWhatWasQuoted()
    {
        List<byte[]> arguments = [.. Arguments()];
        string line = ShellQuoting.Join(arguments.Select(bytes => KernelText.FromBytes(bytes)));

        byte[] printed = await RunShell([.. "printf '%s\\0' "u8, .. KernelText.ToBytes(line), (byte)'\n']);

        List<byte[]> read = [];
        for (int at = 0; at < printed.Length; at = Array.IndexOf(printed, (byte)0, at) + 1)
        {
            read.Add(printed[at..Array.IndexOf(printed, (byte)0, at)]);
        }

        Assert.Equal(arguments, read);
    }

    private static IEnumerable<byte[]> Arguments()
    {
        for (int c = 1; c < 256; c++)
        {
            yield return [(byte)c];
            yield return [(byte)'a', (byte)c, (byte)'b'];
        }

        Random random = new(17);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[random.Next(30)];
            for (int at = 0; at < bytes.Length; at++)
            {
                bytes[at] = (byte)(random.Next(2) == 0 ? "'\"\\$`!*?[]{}()<>|&;~#\n\t "[random.Next(24)] : random.Next(1, 256));
            }

            yield return bytes;
        }
    }

    private static async Task<byte[]> RunShell(byte[] script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", "-s") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        MemoryStream printed = new();
        Task copy = shell.StandardOutput.BaseStream.CopyToAsync(printed);
        await shell.StandardInput.BaseStream.WriteAsync(script);
        shell.StandardInput.Close();
        await copy;
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
        return printed.ToArray();
    }
}
