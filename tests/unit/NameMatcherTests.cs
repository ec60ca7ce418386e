using System.Text;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class NameMatcherTests
{
    [Theory]
    [InlineData("bash", "bash", true)]
    [InlineData("bash", "bas", false)]
    [InlineData("bash", "bashx", false)]
    [InlineData("BASH", "bash", true)]
    [InlineData("bash", "BaSh", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("ba*", "ba", true)]
    [InlineData("ba*", "ab", false)]
    [InlineData("*sh", "bash", true)]
    [InlineData("*sh", "shell", false)]
    [InlineData("b*s*h", "bashful hush", true)]
    [InlineData("**a**", "xax", true)]
    [InlineData("?", "", false)]
    [InlineData("?", "a", true)]
    [InlineData("?", "ab", false)]
    [InlineData("?", "é", true)]
    [InlineData("?", "日", true)]
    [InlineData("?", "😀", true)]
    [InlineData("??", "é", false)]
    [InlineData("a?c", "aéc", true)]
    [InlineData("?é?", "日é😀", true)]
    [InlineData("é", "é", true)]
    [InlineData("é", "É", false)]
    [InlineData("[abc]", "B", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[a-c]x", "dx", false)]
    [InlineData("[0-9a-f]", "E", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("[-a]", "-", true)]
    [InlineData("[-a]", "b", false)]
    [InlineData("[]a]", "]", true)]
    [InlineData("[]a]", "a", true)]
    [InlineData("[]]", "]", true)]
    [InlineData("[`]]", "]", true)]
    [InlineData("[`]]", "`", false)]
    [InlineData("[a`-c]", "-", true)]
    [InlineData("[a`-c]", "b", false)]
    [InlineData("[^a]", "b", false)]
    [InlineData("[[]a", "[a", true)]
    [InlineData("é[a-z]", "éb", true)]
    [InlineData("`*", "*", true)]
    [InlineData("`*", "x", false)]
    [InlineData("``", "`", true)]
    [InlineData("a`", "a`", true)]
    [InlineData("`[x]", "[x]", true)]
    [InlineData("kworker/[0-9]:*", "kworker/1:2-ev", true)]
    [InlineData("(sd-pam)", "(sd-pam)", true)]
    public void APatternMatchesOrNot(string pattern, string name, bool matches)
    {
        Assert.Equal(matches, Matches(name, pattern));

        // The reference must know what this table says, or comparing with it is worth nothing.
        Assert.Equal(matches, new WildcardReference(pattern).IsMatch(name));
    }

    [Fact]
    public void AnyOfSeveralPatternsWillDo()
    {
        string[] patterns = ["sshd", "ng*x", "?"];

        Assert.True(Matches("sshd", patterns));
        Assert.True(Matches("nginx", patterns));
        Assert.True(Matches("x", patterns));
        Assert.False(Matches("sshx", patterns));
        Assert.False(Matches("", patterns));
        Assert.False(Matches("bash", []));
    }

    [Fact]
    public void AnExactNameIsCutWhereTheKernelCutsIt()
    {
        Assert.True(Matches("systemd-journal", "systemd-journald"));
        Assert.True(Matches("systemd-journal", "systemd-journal"));
        Assert.False(Matches("systemd-journa", "systemd-journald"));

        // The kernel cuts bytes, also within a character.
        byte[] comm = Encoding.UTF8.GetBytes("fourteen-bytesé")[..15];
        Assert.True(NameMatcher.Compile(["fourteen-bytesé"]).Matches(comm));
    }

    [Fact]
    public void BytesThatAreNotUtf8ArePassedByWildcards()
    {
        byte[] name = [(byte)'a', 0xff, 0xfe, (byte)'b'];

        Assert.True(NameMatcher.Compile(["a*b"]).Matches(name));
        Assert.True(NameMatcher.Compile(["a??b"]).Matches(name));
        Assert.False(NameMatcher.Compile(["a?b"]).Matches(name));
    }

    [Theory]
    [InlineData("[abc")]
    [InlineData("[]")]
    [InlineData("[")]
    [InlineData("x[`]")]
    [InlineData("[c-a]")]
    [InlineData("[é]")]
    [InlineData("[a-é]")]
    public void MalformedPatternsAreRefused(string pattern)
    {
        EbpfException error = Assert.Throws<EbpfException>(() => NameMatcher.Compile([pattern]));

        Assert.Equal(EbpfErrorId.InvalidArgument, error.Id);
        Assert.Equal(pattern, error.Target);
        Assert.Contains(pattern, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Hint);
    }

    [Fact]
    public void SixtyThreeCharactersFitAndOneMoreDoesNot()
    {
        string[] fits = [.. Enumerable.Repeat("12345678", 6), "12345678*"];

        Assert.True(Matches("12345678 and more", fits));
        EbpfException error = Assert.Throws<EbpfException>(() => NameMatcher.Compile([.. fits, "x"]));
        Assert.Equal(EbpfErrorId.InvalidArgument, error.Id);
    }

    [Fact]
    public void RandomPatternsMeanWhatTheReferenceSays()
    {
        Random random = new(12);
        string[] alphabet = ["a", "b", "A", "*", "?", "[", "]", "-", "`", "é", "😀", "*", "a"];
        string[] letters = ["a", "b", "A", "B", "]", "[", "-", "`", "é", "😀", "*", "?"];
        int compared = 0, matched = 0;
        for (int i = 0; i < 200_000; i++)
        {
            string pattern = Text(random, alphabet, 7);
            string name = Text(random, letters, 5);
            if (Reference(pattern) is not WildcardReference reference)
            {
                Assert.Throws<EbpfException>(() => NameMatcher.Compile([pattern]));
                continue;
            }

            bool expected = reference.IsMatch(name);
            Assert.True(expected == Matches(name, pattern), $"'{name}' -like '{pattern}' should be {expected}");
            compared++;
            matched += expected ? 1 : 0;
        }

        Assert.True(compared > 100_000 && matched > 10_000, $"{compared} compared, {matched} of them matches");
    }

    private static bool Matches(string name, params string[] patterns) =>
        NameMatcher.Compile(patterns).Matches(Encoding.UTF8.GetBytes(name));

    private static string Text(Random random, string[] alphabet, int longest) =>
        string.Concat(Enumerable.Range(0, random.Next(longest + 1)).Select(_ => alphabet[random.Next(alphabet.Length)]));

    private static WildcardReference? Reference(string pattern)
    {
        try
        {
            return new WildcardReference(pattern);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
