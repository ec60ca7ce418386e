using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EbpfPs.Events;

/// <summary>What became of a connection.</summary>
public enum ConnectAction
{
    /// <summary>This side connected, or failed to.</summary>
    Connect = 1,

    /// <summary>A process accepted what the other side began.</summary>
    Accept = 2,

    /// <summary>The connection has ended.</summary>
    Close = 3,
}

/// <summary>A TCP connection was made, accepted or closed.</summary>
public sealed class ConnectEvent : EbpfEvent
{
    private const ulong UnknownDuration = ulong.MaxValue;
    private const ushort InterNetwork = 2;

    private ConnectEvent(in Wire wire, EventContext context)
        : base(wire.Header, context)
    {
        Action = (ConnectAction)wire.Action;
        LocalAddress = AddressOf(wire.Ends.Family, wire.Ends.Local);
        LocalPort = wire.Ends.LocalPort;
        RemoteAddress = AddressOf(wire.Ends.Family, wire.Ends.Remote);
        RemotePort = wire.Ends.RemotePort;
        ErrorNumber = wire.Error;
        DurationNs = wire.Duration == UnknownDuration ? null : unchecked((long)wire.Duration);
        bool close = Action == ConnectAction.Close;
        BytesSent = close ? unchecked((long)wire.BytesSent) : null;
        BytesReceived = close ? unchecked((long)wire.BytesReceived) : null;
    }

    /// <inheritdoc/>
    public override string Probe => "connect";

    /// <summary>What became of the connection.</summary>
    public ConnectAction Action { get; }

    /// <summary>This end's address; an IPv4 connection of an IPv6 socket shows IPv4.</summary>
    public string LocalAddress { get; }

    /// <summary>This end's port; 0 where a connect failed before it had one.</summary>
    public int LocalPort { get; }

    /// <summary>The other end's address.</summary>
    public string RemoteAddress { get; }

    /// <summary>The other end's port.</summary>
    public int RemotePort { get; }

    /// <summary>The errno of a connect that failed; ECONNABORTED where the process gave up; 0 otherwise.</summary>
    public int ErrorNumber { get; }

    /// <summary>The errno's name, such as <c>ECONNREFUSED</c>; empty where there is no error.</summary>
    public string ErrorName => ErrnoNames.NameOf(ErrorNumber);

    /// <summary>
    /// For Connect, how long it took; for Close, how long the connection was established. Null for Accept, and
    /// for a connection older than the session.
    /// </summary>
    public TimeSpan? Duration => DurationNs is long ns ? TimeSpan.FromTicks(ns / 100) : null;

    /// <summary><see cref="Duration"/> in nanoseconds.</summary>
    public long? DurationNs { get; }

    /// <summary>For Close, bytes of data that were sent, each once; null otherwise.</summary>
    public long? BytesSent { get; }

    /// <summary>For Close, bytes of data that were received in order; null otherwise.</summary>
    public long? BytesReceived { get; }

    /// <summary>Decodes <c>struct connect_event</c> of bpf/connect.bpf.c.</summary>
    /// <exception cref="EbpfException">The record is not one.</exception>
    public static ConnectEvent Decode(ReadOnlySpan<byte> record, EventContext context)
    {
        EventHeader.Read(ref record);
        return new ConnectEvent(EventHeader.ReadStruct<Wire>(record), context);
    }

    private static string AddressOf(ushort family, in AddressBytes bytes)
    {
        IPAddress address = new(family == InterNetwork ? bytes.Span[..4] : bytes.Span);
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    /// <summary><c>struct connection_ends</c> of bpf/include/socket.bpf.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ConnectionEnds
    {
        public ushort Family;
        public ushort LocalPort;
        public ushort RemotePort;
        public ushort Reserved;
        public AddressBytes Local;
        public AddressBytes Remote;
    }

    /// <summary>The record.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Wire
    {
        public EventHeader Header;
        public ulong Duration;
        public ulong BytesSent;
        public ulong BytesReceived;
        public uint Action;
        public int Error;
        public ConnectionEnds Ends;
    }

    /// <summary>An address in network order; IPv4 in the first four bytes.</summary>
    [InlineArray(16)]
    internal struct AddressBytes
    {
        private byte _first;

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public readonly ReadOnlySpan<byte> Span => MemoryMarshal.CreateReadOnlySpan(in _first, 16);
    }
}
