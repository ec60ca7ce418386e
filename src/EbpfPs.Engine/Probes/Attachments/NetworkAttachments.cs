using System.Buffers.Binary;
using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Programs at the devices of this network namespace: XDP and the filters of tc(8) by rtnetlink(7), tcx and netkit by BPF_PROG_QUERY.</summary>
internal static class NetworkAttachments
{
    /// <summary><c>struct ifinfomsg</c> and <c>struct tcmsg</c> (include/uapi/linux/rtnetlink.h): the attributes follow.</summary>
    private const int DeviceSize = 16, TrafficSize = 20;

    private const int IFLA_IFNAME = 3, IFLA_XDP = 43, TCA_KIND = 1;
    private const uint TC_H_ROOT = 0xffffffff, TC_H_MAJ_MASK = 0xffff0000;

    /// <summary>IFLA_XDP_DRV_PROG_ID and the two behind it (include/uapi/linux/if_link.h), as bpftool calls these modes.</summary>
    private static readonly (int Attribute, string Mode)[] _modes = [(5, "driver"), (6, "generic"), (7, "offload")];

    private static readonly (BpfLinkType Type, BpfAttachType Hook)[] _hooks =
    [
        (BpfLinkType.Tcx, BpfAttachType.TcxIngress), (BpfLinkType.Tcx, BpfAttachType.TcxEgress),
        (BpfLinkType.Netkit, BpfAttachType.NetkitPrimary), (BpfLinkType.Netkit, BpfAttachType.NetkitPeer),
    ];

    /// <summary>All of them, those with links too.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static IReadOnlyList<Attachment> All()
    {
        List<Attachment> found = [];
        using RouteNetlink route = new();
        IReadOnlyList<byte[]> disciplines = route.Dump(RouteNetlink.GetQdisc, new byte[TrafficSize]);
        foreach (byte[] device in route.Dump(RouteNetlink.GetLink, new byte[DeviceSize]))
        {
            int index = BinaryPrimitives.ReadInt32LittleEndian(device.AsSpan(4));
            LinkTarget target = new(NetlinkAttributes.Text(device.AsSpan(DeviceSize), IFLA_IFNAME)) { InterfaceIndex = index };
            AddXdp(found, NetlinkAttributes.Find(device.AsSpan(DeviceSize), IFLA_XDP), target);
            foreach ((BpfLinkType type, BpfAttachType hook) in _hooks)
            {
                uint[] programs = ProgramQuery.Programs(index, hook, out _) ?? [];
                found.AddRange(programs.Select(program => new Attachment(type, (int)program, target with { AttachType = hook })));
            }

            foreach (uint parent in Parents(route, index, disciplines.Where(one => IndexOf(one) == index)))
            {
                foreach (byte[] filter in route.Dump(RouteNetlink.GetFilter, Question(index, parent)))
                {
                    TrafficFilter.Add(found, filter, target);
                }
            }
        }

        return found;
    }

    private static void AddXdp(List<Attachment> found, ReadOnlySpan<byte> attributes, LinkTarget target)
    {
        foreach ((int attribute, string mode) in _modes)
        {
            if (NetlinkAttributes.Number(attributes, attribute) is > 0 and uint program)
            {
                found.Add(new Attachment(BpfLinkType.Xdp, (int)program, target, mode));
            }
        }
    }

    /// <summary>Where filters can be: both sides of clsact, other disciplines, and their classes.</summary>
    private static IEnumerable<uint> Parents(RouteNetlink route, int index, IEnumerable<byte[]> disciplines)
    {
        bool hasClasses = false;
        foreach (byte[] discipline in disciplines)
        {
            uint handle = HandleOf(discipline);
            switch (NetlinkAttributes.Text(discipline.AsSpan(TrafficSize), TCA_KIND))
            {
                case "clsact":
                    yield return TrafficFilter.Ingress;
                    yield return TrafficFilter.Egress;
                    break;
                case "ingress":
                    yield return TrafficFilter.Ingress;
                    break;

                // What the kernel made of itself has no handle, and can be asked for only where it is the root.
                default:
                    hasClasses |= handle != 0;
                    if (handle != 0 || BinaryPrimitives.ReadUInt32LittleEndian(discipline.AsSpan(12)) == TC_H_ROOT)
                    {
                        yield return handle;
                    }

                    break;
            }
        }

        foreach (byte[] one in hasClasses ? route.Dump(RouteNetlink.GetClass, Question(index, 0)) : [])
        {
            if ((HandleOf(one) & ~TC_H_MAJ_MASK) != 0)
            {
                yield return HandleOf(one);
            }
        }
    }

    private static byte[] Question(int index, uint parent)
    {
        byte[] message = new byte[TrafficSize];
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), parent);
        return message;
    }

    private static int IndexOf(byte[] message) => BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(4));

    private static uint HandleOf(byte[] message) => BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(8));
}
