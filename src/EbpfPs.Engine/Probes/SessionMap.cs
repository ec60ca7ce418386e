using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A map of a session.</summary>
public sealed class SessionMap : KernelMap
{
    private readonly BpfMap _map;
    private readonly ProbeSpec? _spec;

    internal SessionMap(ProbeSession session, string probe, BpfObject obj, BpfMap map, ProbeSpec? spec)
        : base(((IMapSource)map).Shape, map.ReadInfo(), DescriptorFacts.Read("self", map.Fd), () => TypesOf(obj, map))
    {
        _map = map;
        _spec = spec;
        Session = session;
        Probe = probe;
        Owner = new([ObjectHolders.Self()]);
    }

    /// <summary>The session.</summary>
    public ProbeSession Session { get; }

    /// <summary>The probe whose object it belongs to; the first of the session for a map that all share.</summary>
    public string Probe { get; }

    /// <inheritdoc/>
    internal override IReadOnlyList<KeyValuePair<string, object>> LabelsOf(object key) => _spec?.LabelsOf(Name, key) ?? [];

    private protected override IMapSource Open(out IDisposable? opened)
    {
        opened = null;
        return _map;
    }

    private protected override EbpfException Gone() => ProbeSession.MapsAreGone(Session);

    private static (BtfType? Key, BtfType? Value) TypesOf(BpfObject obj, BpfMap map) =>
        (TypeOf(obj.Btf, map.KeyTypeId), TypeOf(obj.Btf, map.ValueTypeId));

    private static BtfType? TypeOf(Btf btf, int id) => id == 0 ? null : btf.TypeOf(id);
}
