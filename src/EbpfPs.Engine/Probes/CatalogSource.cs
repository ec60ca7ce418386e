using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>Built-in probes, which share one ring and are armed at one moment.</summary>
internal sealed class CatalogSource : SessionSource
{
    private readonly SessionOptions _options;
    private readonly SessionLoader _loader;
    private readonly RingReader _ring;
    private readonly EventBatch _batch;
    private readonly List<BpfLink> _familyLinks = [];
    private readonly List<ProgramAccount> _accounts;
    private long _end = long.MaxValue;

    /// <summary>Takes over what was loaded.</summary>
    public CatalogSource(SessionOptions options, SessionLoader loader)
    {
        _options = options;
        _loader = loader;
        BpfObject first = loader.Probes[0].Object;
        _ring = new RingReader(first.Map("ring"), first.Map("control"));
        _batch = new EventBatch(_ring, loader.Probes.Select(probe => probe.Spec));
        _accounts = [.. loader.Probes.Select(probe => probe.Account)];
        if (loader.FamilyObject is BpfObject family)
        {
            // A child that found no room in the family is not traced: that is a loss too.
            _accounts.Add(new ProgramAccount(family));
        }
    }

    /// <inheritdoc/>
    public override string Name => string.Join('+', _options.Probes);

    /// <inheritdoc/>
    public override long BufferSize => _options.BufferSize;

    /// <inheritdoc/>
    public override IReadOnlyList<AttachedProbe> Probes => _loader.Probes;

    /// <inheritdoc/>
    public override IReadOnlyList<SessionProgram> Programs => _loader.Probes.SelectMany(probe => probe.Programs).ToArray();

    /// <inheritdoc/>
    public override IReadOnlyList<int> ProgramIds =>
        [.. _loader.Probes.Select(probe => probe.Object).Append(_loader.FamilyObject).OfType<BpfObject>().SelectMany(obj => obj.Programs).Select(program => program.Id)];

    /// <inheritdoc/>
    public override bool FamilyIsEmpty => _loader.FamilyObject?.Map("family").IsEmpty() ?? false;

    /// <summary>Loads the probes and verifies them.</summary>
    /// <exception cref="EbpfException">An object is missing or was refused.</exception>
    public static CatalogSource Load(SessionOptions options)
    {
        SessionLoader loader = new(options);
        loader.Load();
        try
        {
            return new CatalogSource(options, loader);
        }
        catch
        {
            loader.Unload();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Attach()
    {
        foreach (AttachedProbe probe in _loader.Probes)
        {
            probe.Attach();
        }

        // After the probes: hooks run in the order of their attachment, and a process that ends must still be in
        // the family when its last event is decided on.
        if (_loader.FamilyObject is BpfObject family)
        {
            foreach (BpfProgram program in family.Programs)
            {
                _familyLinks.Add(program.Attach());
            }

            _options.Filter.FillFamily(family);
        }

        _ring.Armed = true;
    }

    /// <inheritdoc/>
    public override void Disarm() => _ring.Armed = false;

    /// <inheritdoc/>
    public override IReadOnlyList<BpfLink> TakeLinks()
    {
        BpfLink[] links = [.. _loader.Probes.SelectMany(probe => probe.TakeLinks()), .. _familyLinks];
        _familyLinks.Clear();
        return links;
    }

    /// <inheritdoc/>
    public override EbpfRecord? Take() => _batch.Take(_end);

    /// <inheritdoc/>
    public override void EndHere() => _end = BootClock.NowNs();

    /// <inheritdoc/>
    public override void Reopen() => _end = long.MaxValue;

    /// <inheritdoc/>
    public override void Wait(bool hadRecords, int milliseconds) => _ring.Wait(hadRecords, milliseconds);

    /// <inheritdoc/>
    public override void Wake() => _ring.Wake();

    /// <inheritdoc/>
    public override LossReport ReadLoss(TimeSpan elapsed) => LossReport.Read(Name, elapsed, _accounts, _batch);

    /// <inheritdoc/>
    public override IReadOnlyList<SessionMap> Maps(ProbeSession session)
    {
        List<SessionMap> maps = [];
        foreach (AttachedProbe probe in _loader.Probes)
        {
            Add(session, maps, probe.Object, probe.Spec.Name, probe.Spec);
        }

        if (_loader.FamilyObject is BpfObject family)
        {
            Add(session, maps, family, family.Name, null);
        }

        return maps;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ring.Dispose();
        _loader.Unload();
    }

    private static void Add(ProbeSession session, List<SessionMap> maps, BpfObject obj, string probe, ProbeSpec? spec)
    {
        bool first = maps.Count == 0;
        maps.AddRange(obj.Maps()
            .Where(map => first || !SessionLoader.IsShared(map.Name))
            .Select(map => new SessionMap(session, probe, obj, map, spec)));
    }
}
