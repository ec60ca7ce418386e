using System.Buffers.Binary;
using System.Globalization;
using EbpfPs.Bpf;
using EbpfPs.Events;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>
/// The programs of a filter of tc(8): of one of kind <c>bpf</c> itself, and those among the actions of any
/// (include/uapi/linux/pkt_cls.h and tc_act/tc_bpf.h).
/// </summary>
internal static class TrafficFilter
{
    /// <summary>The parents of clsact's two sides: TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS) and its like.</summary>
    public const uint Ingress = 0xfffffff2, Egress = 0xfffffff3;

    private const int TrafficSize = 20;
    private const int TCA_KIND = 1, TCA_OPTIONS = 2, TCA_CHAIN = 11;
    private const int TCA_BPF_NAME = 7, TCA_BPF_FLAGS = 8, TCA_BPF_ID = 11;
    private const int TCA_ACT_KIND = 1, TCA_ACT_OPTIONS = 2, TCA_ACT_BPF_NAME = 6, TCA_ACT_BPF_ID = 9;
    private const uint TCA_BPF_FLAG_ACT_DIRECT = 1;

    /// <summary>Each kind of filter has its own number for its actions: TCA_BPF_ACT and so on.</summary>
    private static readonly Dictionary<string, int> _actions = new()
    {
        ["bpf"] = 1,
        ["matchall"] = 2,
        ["basic"] = 3,
        ["flower"] = 3,
        ["fw"] = 4,
        ["cgroup"] = 1,
        ["flow"] = 9,
        ["route"] = 6,
        ["u32"] = 7,
    };

    /// <summary>Adds a filter's programs.</summary>
    /// <param name="found">To what.</param>
    /// <param name="message">The filter: <c>struct tcmsg</c> and attributes.</param>
    /// <param name="device">Its device.</param>
    public static void Add(List<Attachment> found, byte[] message, LinkTarget device)
    {
        ReadOnlySpan<byte> attributes = message.AsSpan(TrafficSize);
        ReadOnlySpan<byte> options = NetlinkAttributes.Find(attributes, TCA_OPTIONS);
        string kind = NetlinkAttributes.Text(attributes, TCA_KIND);
        uint parent = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(12));
        LinkTarget target = device with { AttachType = parent switch { Ingress => BpfAttachType.TcIngress, Egress => BpfAttachType.TcEgress, _ => BpfAttachType.TcCustom } };
        string place = string.Create(
            CultureInfo.InvariantCulture,
            $"{(target.AttachType == BpfAttachType.TcCustom ? $"parent {parent >> 16:x}:{(ushort)parent:x} " : "")}pref {BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(16)) >> 16} chain {NetlinkAttributes.Number(attributes, TCA_CHAIN)} handle 0x{BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(8)):x} {kind}");
        if (kind == "bpf" && NetlinkAttributes.Number(options, TCA_BPF_ID) is > 0 and uint program)
        {
            bool direct = (NetlinkAttributes.Number(options, TCA_BPF_FLAGS) & TCA_BPF_FLAG_ACT_DIRECT) != 0;
            found.Add(new Attachment(BpfLinkType.Tc, (int)program, target, $"{place} {NetlinkAttributes.Text(options, TCA_BPF_NAME)}{(direct ? " direct-action" : "")}"));
        }

        ReadOnlySpan<byte> actions = _actions.TryGetValue(kind, out int attribute) ? NetlinkAttributes.Find(options, attribute) : default;
        while (NetlinkAttributes.TryNext(ref actions, out _, out ReadOnlySpan<byte> action))
        {
            ReadOnlySpan<byte> details = NetlinkAttributes.Find(action, TCA_ACT_OPTIONS);
            if (NetlinkAttributes.Text(action, TCA_ACT_KIND) == "bpf" && NetlinkAttributes.Number(details, TCA_ACT_BPF_ID) is > 0 and uint id)
            {
                found.Add(new Attachment(BpfLinkType.Tc, (int)id, target, $"{place} action bpf {NetlinkAttributes.Text(details, TCA_ACT_BPF_NAME)}"));
            }
        }
    }
}
