using System.Buffers.Binary;

namespace EbpfPs.Interop;

/// <summary>
/// Asks the kernel for lists of network devices, queueing disciplines and filters: rtnetlink(7), of this process's network
/// namespace. Reading them takes no privilege.
/// </summary>
internal sealed class RouteNetlink : IDisposable
{
    /// <summary>RTM_GETLINK, RTM_GETQDISC, RTM_GETTCLASS and RTM_GETTFILTER of include/uapi/linux/rtnetlink.h.</summary>
    public const ushort GetLink = 18, GetQdisc = 38, GetClass = 42, GetFilter = 46;

    private const int AF_NETLINK = 16, SOCK_RAW = 3, SOCK_CLOEXEC = 0x80000, NETLINK_ROUTE = 0;
    private const int NLMSG_ERROR = 2, NLMSG_DONE = 3;
    private const ushort NLM_F_REQUEST = 1, NLM_F_DUMP = 0x300, NLM_F_DUMP_INTR = 0x10;

    /// <summary><c>struct nlmsghdr</c>.</summary>
    private const int HeaderSize = 16;

    /// <summary>The kernel fills up to 32 KiB at a time (NLMSG_GOODSIZE and the reader's own size).</summary>
    private const int BufferSize = 64 * 1024;

    /// <summary>A list that changed while it was made is asked for again, so often.</summary>
    private const int Attempts = 10;

    private readonly FileDescriptor _socket = new(LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "open a netlink socket");
    private readonly byte[] _buffer = new byte[BufferSize];
    private uint _sequence;

    /// <summary>A list of one kind.</summary>
    /// <param name="type">What to list.</param>
    /// <param name="body">What follows the header: <c>struct ifinfomsg</c> or <c>struct tcmsg</c>.</param>
    /// <returns>Each message without its header.</returns>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public IReadOnlyList<byte[]> Dump(ushort type, ReadOnlySpan<byte> body)
    {
        for (int attempt = 1; ; attempt++)
        {
            Send(type, body);
            if (Receive(out List<byte[]> messages) || attempt == Attempts)
            {
                return messages;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Send(ushort type, ReadOnlySpan<byte> body)
    {
        byte[] message = new byte[HeaderSize + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), NLM_F_REQUEST | NLM_F_DUMP);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), ++_sequence);
        body.CopyTo(message.AsSpan(HeaderSize));
        LibBpfError.CheckLibC(LibC.write(_socket, message, (nuint)message.Length), "ask the kernel for its network devices");
    }

    /// <returns>False when the list changed while the kernel made it.</returns>
    private bool Receive(out List<byte[]> messages)
    {
        messages = [];
        bool whole = true;
        while (true)
        {
            int length = (int)LibBpfError.CheckLibC(LibC.read(_socket.Number, _buffer, BufferSize), "read the kernel's network devices");
            for (ReadOnlySpan<byte> rest = _buffer.AsSpan(0, length); rest.Length >= HeaderSize;)
            {
                int size = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(rest), HeaderSize, rest.Length);
                ReadOnlySpan<byte> body = rest[HeaderSize..size];
                ushort type = BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]);
                whole &= (BinaryPrimitives.ReadUInt16LittleEndian(rest[6..]) & NLM_F_DUMP_INTR) == 0;
                if (type is NLMSG_DONE or NLMSG_ERROR)
                {
                    // The end and an error both begin with an errno, negative where something went wrong.
                    int errno = body.Length < sizeof(int) ? 0 : -BinaryPrimitives.ReadInt32LittleEndian(body);
                    return errno <= 0 ? whole : throw LibBpfError.Create(errno, "list the network devices", needed: Privileges.NetAdmin);
                }

                messages.Add(body.ToArray());
                rest = rest[Math.Min(rest.Length, NetlinkAttributes.Align(size))..];
            }
        }
    }
}
