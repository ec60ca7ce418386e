using System.Text;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class KernelTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("naïve café")]
    [InlineData("日本語")]
    [InlineData("😀 astral 𝔘")]
    [InlineData("line\nfeed\ttab\u001b[31m")]
    [InlineData("\uFFFD is a character too")]
    public void ValidUtf8IsItself(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);

        Assert.Equal(text, KernelText.FromBytes(bytes));
        Assert.Equal(bytes, KernelText.ToBytes(text));
    }

    [Theory]
    [InlineData(new byte[] { 0xff }, new int[] { 0xdcff })]
    [InlineData(new byte[] { 0x41, 0x80, 0x42 }, new int[] { 'A', 0xdc80, 'B' })]
    [InlineData(new byte[] { 0xc3, 0x28 }, new int[] { 0xdcc3, '(' })]
    [InlineData(new byte[] { 0xc0, 0xaf }, new int[] { 0xdcc0, 0xdcaf })]
    [InlineData(new byte[] { 0xed, 0xb2, 0x80 }, new int[] { 0xdced, 0xdcb2, 0xdc80 })]
    [InlineData(new byte[] { 0xf0, 0x9f, 0x98 }, new int[] { 0xdcf0, 0xdc9f, 0xdc98 })]
    [InlineData(new byte[] { 0xf0, 0x9f, 0x98, 0x80, 0xf0 }, new int[] { 0xd83d, 0xde00, 0xdcf0 })]
    public void EveryByteThatIsNotUtf8IsEscapedAlone(byte[] bytes, int[] utf16)
    {
        // As numbers: an attribute's strings can't hold a lone surrogate.
        string text = new(utf16.Select(unit => (char)unit).ToArray());

        Assert.Equal(text, KernelText.FromBytes(bytes), StringComparer.Ordinal);
        Assert.Equal(bytes, KernelText.ToBytes(text));
    }

    [Fact]
    public void TextEndsAtNul()
    {
        Assert.Equal("comm", KernelText.FromBytes("comm\0behind"u8));
        Assert.Equal("", KernelText.FromBytes("\0"u8));
    }

    [Fact]
    public void RandomBytesRoundTripAndStayDistinct()
    {
        Random random = new(99);
        Dictionary<string, byte[]> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = Mixed(random);
            string text = KernelText.FromBytes(bytes);

            Assert.Equal(bytes, KernelText.ToBytes(text));
            if (seen.TryGetValue(text, out byte[]? other))
            {
                Assert.Equal(other, bytes);
            }

            seen[text] = bytes;
        }
    }

    /// <summary>Whole characters, halves of characters and plain bytes, but for NUL.</summary>
    private static byte[] Mixed(Random random)
    {
        List<byte> bytes = [];
        for (int parts = random.Next(1, 6); parts > 0; parts--)
        {
            byte[] whole = Encoding.UTF8.GetBytes(new Rune(random.Next(3) switch
            {
                0 => random.Next(1, 0x80),
                1 => random.Next(0x80, 0xd800),
                _ => random.Next(0x10000, 0x110000),
            }).ToString());
            bytes.AddRange(random.Next(3) switch
            {
                0 => whole,
                1 => whole[..random.Next(1, whole.Length + 1)],
                _ => [(byte)random.Next(1, 256)],
            });
        }

        return [.. bytes];
    }
}
