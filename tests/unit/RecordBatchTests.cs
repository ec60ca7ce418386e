using EbpfPs.Bpf;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

/// <summary>Records of several buffers: none of them is kept waiting by another one.</summary>
public sealed class RecordBatchTests
{
    private const int Capacity = 4;

    [Fact]
    public void ABufferThatAlwaysHasMoreKeepsNoneWaiting()
    {
        Buffer endless = new() { Name = "endless", Left = int.MaxValue, Text = 1 }, few = new() { Name = "few", Left = 3, Text = 2 };
        RecordBatch batch = new([endless, few], _ => null, Capacity);

        byte[] taken = [.. Enumerable.Range(0, 3 * Capacity).Select(_ => Assert.IsType<UntypedRecord>(batch.Take()).Data[0])];
        Assert.Equal(3, taken.Count(text => text == 2));
        Assert.Equal(0, few.Left);
    }

    [Fact]
    public void WhatWasPassedOverIsGivenBack()
    {
        Buffer empty = new() { Name = "empty", Left = 0 };

        Assert.Null(new RecordBatch([empty], _ => null, Capacity).Take());
        Assert.Equal(1, empty.Published);
    }

    private sealed class Buffer : RecordBuffer
    {
        public byte Text { get; init; }

        public int Left { get; set; }

        public int Published { get; private set; }

        public override long Size => 0;

        public override long? Lost => null;

        public override bool TryNext(out ReadOnlySpan<byte> record, out ulong time)
        {
            time = 0;
            record = new[] { Text };
            return Left-- > 0 || (Left = 0) > 0;
        }

        public override void Publish() => Published++;

        public override void Watch(Waiter waiter) => throw new NotSupportedException();

        public override void EndHere() => throw new NotSupportedException();

        public override void Reopen() => throw new NotSupportedException();

        public override void Dispose() => throw new NotSupportedException();
    }
}
