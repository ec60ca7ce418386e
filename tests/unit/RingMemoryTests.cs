using System.Buffers.Binary;
using EbpfPs.Bpf;

namespace EbpfPs.UnitTests;

public sealed class RingMemoryTests
{
    private const int Size = 4096;

    [Fact]
    public void AnEmptyRingHasNothing()
    {
        using FakeRing ring = new(Size);
        RingMemory reader = ring.Reader();

        Assert.False(reader.TryNext(out ReadOnlySpan<byte> record));
        Assert.True(record.IsEmpty);
        Assert.Equal(0, reader.Waiting);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 16)]
    [InlineData(7, 16)]
    [InlineData(8, 16)]
    [InlineData(9, 24)]
    public void LengthsArePaddedToEight(int length, long taken)
    {
        using FakeRing ring = new(Size);
        RingMemory reader = ring.Reader();
        Assert.True(ring.Write(Bytes(1, length)));
        Assert.True(ring.Write(Bytes(2, 3)));

        Assert.Equal(taken + 16, reader.Waiting);
        Assert.Equal(Bytes(1, length), Next(ref reader));
        Assert.Equal(16, reader.Waiting);
        reader.Publish();
        Assert.Equal(taken, ring.Consumer);
        Assert.Equal(Bytes(2, 3), Next(ref reader));
        Assert.Null(Next(ref reader));
    }

    [Fact]
    public void OnlyPublishGivesSpaceBack()
    {
        using FakeRing ring = new(Size);
        RingMemory reader = ring.Reader();
        ring.Write(Bytes(1, 100));
        ring.Write(Bytes(2, 100));

        Next(ref reader);
        Assert.Equal(0, ring.Consumer);
        reader.Publish();
        Assert.Equal(112, ring.Consumer);
        Next(ref reader);
        Assert.Equal(112, ring.Consumer);
        reader.Publish();
        Assert.Equal(224, ring.Consumer);
        Assert.Equal(ring.Producer, ring.Consumer);
    }

    [Fact]
    public void ABusyRecordStopsTheWalkEvenWhenLaterOnesAreDone()
    {
        using FakeRing ring = new(Size);
        RingMemory reader = ring.Reader();
        ring.Write(Bytes(1, 10));
        long slow = ring.Reserve(20);
        ring.Write(Bytes(3, 30));

        Assert.Equal(Bytes(1, 10), Next(ref reader));
        Assert.Null(Next(ref reader));
        Assert.Null(Next(ref reader));
        reader.Publish();
        Assert.Equal(slow, ring.Consumer);

        Bytes(2, 20).CopyTo(ring.Body(slow, 20));
        ring.Commit(slow);
        Assert.Equal(Bytes(2, 20), Next(ref reader));
        Assert.Equal(Bytes(3, 30), Next(ref reader));
        Assert.Null(Next(ref reader));
    }

    [Fact]
    public void DiscardedRecordsArePassedOver()
    {
        using FakeRing ring = new(Size);
        RingMemory reader = ring.Reader();
        Discard(ring, 50);
        Discard(ring, 0);
        ring.Write(Bytes(1, 5));
        Discard(ring, 77);

        Assert.Equal(Bytes(1, 5), Next(ref reader));
        Assert.Null(Next(ref reader));
        reader.Publish();
        Assert.Equal(ring.Producer, ring.Consumer);
        Assert.Equal(0, reader.Waiting);
    }

    [Fact]
    public void ARecordThatWrapsIsOnePiece()
    {
        using FakeRing ring = new(Size, start: Size - 16);
        RingMemory reader = ring.Reader();
        byte[] body = Bytes(9, 1000);
        Assert.True(ring.Write(body));

        Assert.Equal(body, Next(ref reader));
        reader.Publish();
        Assert.Equal(Size - 16 + 1008, ring.Consumer);
    }

    [Fact]
    public void AReaderStartsWhereTheLastOneStopped()
    {
        using FakeRing ring = new(Size);
        ring.Write(Bytes(1, 8));
        ring.Write(Bytes(2, 8));
        RingMemory first = ring.Reader();
        Next(ref first);
        first.Publish();

        RingMemory second = ring.Reader();
        Assert.Equal(Bytes(2, 8), Next(ref second));
    }

    [Fact]
    public void PositionsBeyondFourGibibytesAreMasked()
    {
        using FakeRing ring = new(Size, start: (3L << 32) + Size - 8);
        RingMemory reader = ring.Reader();
        ring.Write(Bytes(4, 40));

        Assert.Equal(Bytes(4, 40), Next(ref reader));
    }

    [Fact]
    public void RandomTrafficComesOutAsItWentIn()
    {
        using FakeRing ring = new(Size, start: 1L << 33);
        RingMemory reader = ring.Reader();
        Random random = new(4711);
        Queue<byte[]> expected = new();
        int written = 0, read = 0, full = 0;
        while (read < 50_000)
        {
            for (int burst = random.Next(12); burst > 0; burst--)
            {
                byte[] body = Bytes(written, random.Next(300));
                if (random.Next(7) == 0)
                {
                    Discard(ring, body.Length);
                }
                else if (ring.Write(body))
                {
                    expected.Enqueue(body);
                    written++;
                }
                else
                {
                    full++;
                }
            }

            for (int taken = random.Next(15); taken > 0 && Next(ref reader) is byte[] record; taken--, read++)
            {
                Assert.Equal(expected.Dequeue(), record);
            }

            reader.Publish();
        }

        Assert.True(full > 0, "the ring was never full, so that case was not met");
    }

    [Fact]
    public async Task AWriterOnAnotherThreadIsReadInOrder()
    {
        const int Records = 300_000;
        using FakeRing ring = new(Size);
        Task writer = Task.Run(() =>
        {
            byte[] body = new byte[64];
            for (int i = 0; i < Records; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(body, i);
                Span<byte> used = body.AsSpan(0, 4 + (i % 57));
                used[4..].Fill((byte)i);
                while (!ring.Write(used))
                {
                    Thread.Yield();
                }
            }
        });
        await Task.Run(() => ReadInOrder(ring, Records));
        await writer;
    }

    private static void ReadInOrder(FakeRing ring, int records)
    {
        RingMemory reader = ring.Reader();
        for (int i = 0; i < records;)
        {
            if (!reader.TryNext(out ReadOnlySpan<byte> record))
            {
                Thread.Yield();
                continue;
            }

            Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(record));
            Assert.Equal(4 + (i % 57), record.Length);
            Assert.False(record[4..].ContainsAnyExcept((byte)i));
            reader.Publish();
            i++;
        }
    }

    private static byte[] Bytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[]? Next(ref RingMemory reader) =>
        reader.TryNext(out ReadOnlySpan<byte> record) ? record.ToArray() : null;

    private static void Discard(FakeRing ring, int length)
    {
        long at = ring.Reserve(length);
        if (at >= 0)
        {
            ring.Body(at, length).Fill(0xee);
            ring.Commit(at, discard: true);
        }
    }
}
