using System.Text;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed class TextCacheTests
{
    [Fact]
    public void TheSameBytesAreTheSameString()
    {
        TextCache cache = new();
        string first = cache.Get("/etc/hosts"u8);

        Assert.Equal("/etc/hosts", first);
        Assert.Same(first, cache.Get("/etc/hosts"u8));
        Assert.Same(first, cache.Get("/etc/hosts\0behind"u8));
    }

    [Fact]
    public void NothingIsTheEmptyString()
    {
        TextCache cache = new();

        Assert.Same("", cache.Get(default));
        Assert.Same("", cache.Get("\0x"u8));
    }

    [Fact]
    public void LongTextIsRightThoughNotKept()
    {
        TextCache cache = new();
        byte[] text = Encoding.ASCII.GetBytes(new string('x', 257));
        string first = cache.Get(text);

        Assert.Equal(257, first.Length);
        Assert.NotSame(first, cache.Get(text));
        Assert.Same(cache.Get(text.AsSpan(1)), cache.Get(text.AsSpan(1)));
    }

    [Fact]
    public void TextsThatShareAPlaceAreNeverMixedUp()
    {
        // Far more texts than places, in an order that makes them replace each other.
        TextCache cache = new();
        Random random = new(5);
        for (int i = 0; i < 200_000; i++)
        {
            string text = random.Next(20_000).ToString(System.Globalization.CultureInfo.InvariantCulture) + "/näme";
            Assert.Equal(text, cache.Get(Encoding.UTF8.GetBytes(text)));
        }
    }

    [Fact]
    public void BytesThatAreNotUtf8AreKeptApart()
    {
        TextCache cache = new();
        HashSet<string> texts = new(StringComparer.Ordinal);
        for (int i = 0x80; i <= 0xff; i++)
        {
            Assert.True(texts.Add(cache.Get([(byte)i])));
        }
    }
}
