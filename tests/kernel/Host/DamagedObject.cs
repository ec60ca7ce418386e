using System.Buffers.Binary;
using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests.Host;

/// <summary>Objects that were damaged on purpose, each known by a number, and what becomes of them.</summary>
internal static class DamagedObject
{
    /// <summary>A number that ends the process, to see that this is noticed.</summary>
    public const int Fatal = 2_000_000_000;

    private const int SectionHeader = 64;
    private const int LargestMap = 8 * 1024 * 1024;
    private const int LargestRecord = 1024 * 1024;

    /// <summary>The object with more is of programs that are all refused, some after millions of instructions.</summary>
    private const int MostPrograms = 12;

    private static readonly Lazy<byte[][]> _whole = new(() => Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "objects"), "*.o")
        .Order(StringComparer.Ordinal)
        .Select(File.ReadAllBytes)
        .ToArray());

    /// <summary>Opens objects one by one; the number of each is on standard output before it is touched.</summary>
    /// <param name="seed">Chooses the damage, together with the number.</param>
    /// <param name="first">The first number.</param>
    /// <param name="count">How many.</param>
    public static void Open(int seed, int first, int count)
    {
        using Stream output = Console.OpenStandardOutput();
        using StreamWriter writer = new(output) { AutoFlush = true, NewLine = "\n" };
        foreach (int number in Enumerable.Range(first, count))
        {
            writer.WriteLine($"open {number}");
            if (number == Fatal)
            {
                Environment.FailFast("as the test wants it");
            }

            byte[] image = Make(seed, number);
            try
            {
                ObjectContent content = ObjectContent.Read("damaged", image);
                foreach (BtfStruct type in content.EventTypes)
                {
                    RecordShape shape = RecordShape.Of(type, "damaged", new Dictionary<string, FieldMeaning>());
                    if (shape.Size < LargestRecord)
                    {
                        shape.Decode(new byte[shape.Size], new RecordContext()).ToString();
                    }
                }

                writer.WriteLine(Load(image, content) ? "loaded" : "opened");
            }
            catch (EbpfException error)
            {
                writer.WriteLine("refused " + error.Message.ReplaceLineEndings(" "));
            }
        }
    }

    /// <summary>Has the kernel look at what could be opened, as a session would, unless its maps would take much memory.</summary>
    /// <returns>Whether the kernel took at least one program.</returns>
    private static bool Load(byte[] image, ObjectContent content)
    {
        if (content.Programs.Count > MostPrograms)
        {
            return false;
        }

        using (OpenedBpfObject opened = OpenedBpfObject.Open("damaged", image))
        {
            if (opened.Maps.Any(map => ((double)map.KeySize + map.ValueSize + 64) * map.MaxEntries > LargestMap))
            {
                return false;
            }
        }

        try
        {
            using ProbeSession session = ProbeSession.Load(new ObjectSessionOptions
            {
                Name = "damaged",
                Image = image,
                EventType = content.EventTypes.Count > 0 ? content.EventTypes[0].Text : "",
            });
            return session.Maps.All(map => map.ValueSize >= 0);
        }
        catch (EbpfException)
        {
            return false;
        }
    }

    /// <summary>Makes the object of a number: a whole one with one to eight places that are not as they were.</summary>
    public static byte[] Make(int seed, int number)
    {
        Random random = new(unchecked((seed * 1_000_003) + number));
        byte[] whole = _whole.Value[random.Next(_whole.Value.Length)];
        byte[] image = random.Next(20) == 0 ? whole[..random.Next(whole.Length)] : (byte[])whole.Clone();
        for (int left = random.Next(1, 9); left > 0 && image.Length > 0; left--)
        {
            Damage(image, random);
        }

        return image;
    }

    private static void Damage(byte[] image, Random random)
    {
        (int start, int length) = Part(image, random);
        if (length <= 0)
        {
            return;
        }

        int at = start + random.Next(length);
        switch (random.Next(4))
        {
            case 0:
                image[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                image[at] = (byte)random.Next(256);
                break;
            default:
                // Fields of four bytes, where they lie.
                at = start + ((at - start) & ~3);
                int[] values = [0, 1, -1, int.MaxValue, int.MinValue, 0x10000, length, image.Length, random.Next(), random.Next(64)];
                if (at + sizeof(int) <= image.Length)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(at), values[random.Next(values.Length)]);
                }

                break;
        }
    }

    /// <summary>The whole file, its header, the table of its sections, or one section.</summary>
    private static (int Start, int Length) Part(byte[] image, Random random)
    {
        int table = image.Length >= SectionHeader ? (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(40)), int.MaxValue) : int.MaxValue;
        int count = image.Length >= SectionHeader ? BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(60)) : 0;
        int kind = random.Next(10);
        if (kind < 2 || table > image.Length || count == 0 || (long)table + (count * SectionHeader) > image.Length)
        {
            return (0, kind == 0 ? Math.Min(image.Length, SectionHeader) : image.Length);
        }

        if (kind < 4)
        {
            return (table, count * SectionHeader);
        }

        int header = table + (random.Next(count) * SectionHeader);
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(header + 24));
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(header + 32));
        return start <= (ulong)image.Length && length <= (ulong)image.Length - start ? ((int)start, (int)length) : (0, image.Length);
    }
}
