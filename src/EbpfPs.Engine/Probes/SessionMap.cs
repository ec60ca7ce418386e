using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A map of a session.</summary>
public sealed class SessionMap : KernelMap
{
    private readonly BpfMap _map;
    private readonly ProbeSpec? _spec;

    internal SessionMap(ProbeSession session, string probe, BpfObject obj, BpfMap map, ProbeSpec? spec)
        : base(((IMapSource)map).Shape, map.ReadInfo(), DescriptorFacts.Read("self", map.Fd), TypesOf(obj.Btf, map.KeyTypeId, map.ValueTypeId))
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

    /// <summary>The types are looked up when they are wanted, when the object may be gone; their numbers are asked for now.</summary>
    private static Func<(BtfType? Key, BtfType? Value)> TypesOf(Btf btf, int key, int value) =>
        () => (TypeOf(btf, key), TypeOf(btf, value));

    private static BtfType? TypeOf(Btf btf, int id) => id == 0 ? null : btf.TypeOf(id);
}
