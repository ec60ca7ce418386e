using System.Reflection;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

/// <summary>Bytes that no program of ours makes: a decoder answers with an event or an <see cref="EbpfException"/>.</summary>
internal static class HostileRecords
{
    public delegate EbpfEvent Decoder(ReadOnlySpan<byte> record, EventContext context);

    /// <summary>Cuts a whole record at every offset: each cut must be refused, since the header says more.</summary>
    public static void RefusesEveryCut(byte[] record, Decoder decode)
    {
        EventContext context = Record.Context();
        for (int length = 0; length < record.Length; length++)
        {
            EbpfException error = Assert.Throws<EbpfException>(() => decode(record.AsSpan(0, length), context));
            Assert.Equal(EbpfErrorId.InvalidRecord, error.Id);
        }
    }

    /// <summary>Cuts a record and says so in its header: the parts behind the header must be refused then.</summary>
    public static void RefusesEveryHonestCut(byte[] record, Decoder decode)
    {
        EventContext context = Record.Context();
        for (int length = Record.HeaderSize; length < record.Length; length++)
        {
            byte[] cut = record[..length];
            BitConverter.TryWriteBytes(cut.AsSpan(28), length);
            EbpfException error = Assert.Throws<EbpfException>(() => decode(cut, context));
            Assert.Equal(EbpfErrorId.InvalidRecord, error.Id);
        }
    }

    /// <summary>Mutates records at random and reads every property of what still decodes.</summary>
    /// <returns>How many decoded, and how many were refused.</returns>
    public static (int Decoded, int Refused) Mutate(IReadOnlyList<byte[]> seeds, int times, Decoder decode)
    {
        Random random = new(20240229);
        EventContext context = Record.Context();
        int decoded = 0, refused = 0;
        for (int i = 0; i < times; i++)
        {
            byte[] mutant = Mutant(seeds[i % seeds.Count], random);
            try
            {
                ReadAll(decode(mutant, context));
                decoded++;
            }
            catch (EbpfException error)
            {
                Assert.Equal(EbpfErrorId.InvalidRecord, error.Id);
                refused++;
            }
        }

        return (decoded, refused);
    }

    /// <summary>A copy with a few bytes or words changed, perhaps cut.</summary>
    public static byte[] Mutant(byte[] seed, Random random)
    {
        byte[] mutant = [.. seed];
        int changes = random.Next(1, 6);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(mutant.Length);
            switch (random.Next(4))
            {
                case 0:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 1:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    // A whole word at its border: lengths and offsets that are much too large, negative or just off.
                    int word = at & ~3;
                    int value = random.Next(4) switch { 0 => -1, 1 => int.MaxValue, 2 => int.MinValue, _ => random.Next(-8, 300) };
                    if (word + 4 <= mutant.Length)
                    {
                        BitConverter.TryWriteBytes(mutant.AsSpan(word), value);
                    }

                    break;
                default:
                    mutant = random.Next(8) == 0 ? mutant[..Math.Max(1, at)] : mutant;
                    break;
            }
        }

        return mutant;
    }

    /// <summary>Reads every property, as PowerShell does that shows or converts the event; what text there is must be harmless when shown.</summary>
    public static void ReadAll(EbpfEvent decoded)
    {
        foreach (PropertyInfo property in decoded.GetType().GetProperties())
        {
            object? value = property.GetValue(decoded);
            Assert.True(value is not null || Nullable.GetUnderlyingType(property.PropertyType) is not null, property.Name);
            foreach (string text in value as IEnumerable<string> ?? (value is string one ? [one] : []))
            {
                RecordText.AssertHarmless(property.Name, TerminalText.Escape(text));
            }
        }

        string shown = decoded.ToString();
        Assert.NotEmpty(shown);
        RecordText.AssertHarmless("ToString()", shown);
    }
}
