using EbpfPs.Bpf;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>A user's object: its programs, and the rings and perf buffers that they write records to.</summary>
internal sealed class ObjectSource : SessionSource
{
    private const int Capacity = 1024;

    private const uint TakesOfATurn = 256;

    /// <summary>How long a reader that was just busy naps, at most, and how much of a ring may fill meanwhile in a millisecond.</summary>
    private const int NapMilliseconds = 20;

    private const int BytesOfAMillisecond = 64 * 1024;

    /// <summary>Programs may write without a wake-up, so a reader looks by itself.</summary>
    private const int LookMilliseconds = 50;

    private readonly ObjectSessionOptions _options;
    private readonly ObjectLoader _loader;
    private readonly List<RecordBuffer> _buffers = [];
    private readonly List<BpfLink> _links = [];
    private readonly Dictionary<string, string> _unattached = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _hooks = new(StringComparer.Ordinal);
    private readonly Waiter _waiter = new();
    private readonly RecordBatch _batch;
    private readonly TraceMessages? _messages;
    private readonly int _nap;
    private bool _attached;
    private uint _taken;

    private ObjectSource(ObjectSessionOptions options, ObjectLoader loader)
    {
        _options = options;
        _loader = loader;
        try
        {
            foreach (BpfMap map in loader.Object.Maps())
            {
                if (OpenBuffer(map) is RecordBuffer buffer)
                {
                    _buffers.Add(buffer);
                    buffer.Watch(_waiter);
                }
            }

            if (options.TracePipe)
            {
                _messages = new TraceMessages();
                _messages.Watch(_waiter);
            }
        }
        catch
        {
            DisposeBuffers();
            throw;
        }

        // A small ring is soon full, whoever naps; a perf buffer wakes its reader when a quarter of it is.
        IEnumerable<long> sizes = _buffers.OfType<UserRing>().Select(ring => ring.Size);
        _nap = (int)Math.Clamp(sizes.DefaultIfEmpty(long.MaxValue).Min() / BytesOfAMillisecond, 1, NapMilliseconds);
        _batch = new RecordBatch(_buffers, buffer => loader.Shapes.GetValueOrDefault(buffer, loader.Shape!), Capacity);
    }

    /// <inheritdoc/>
    public override string Name => _options.Name;

    /// <inheritdoc/>
    public override long BufferSize => _buffers.Sum(buffer => buffer.Size);

    /// <inheritdoc/>
    public override IReadOnlyList<SessionProgram> Programs => _loader.Programs.Select(Describe).ToArray();

    /// <inheritdoc/>
    public override IReadOnlyList<int> ProgramIds => [.. _loader.Object.Programs.Select(program => program.Id)];

    /// <inheritdoc/>
    public override IReadOnlyList<PinnedMap> PinnedMaps => _loader.Pins;

    /// <inheritdoc/>
    public override IReadOnlyList<SizedMap> SizedMaps => _loader.Sized;

    /// <summary>Loads an object.</summary>
    /// <exception cref="EbpfException">It can't be read, or the kernel accepted nothing of it.</exception>
    public static ObjectSource Load(ObjectSessionOptions options)
    {
        ObjectLoader loader = ObjectLoader.Load(options);
        try
        {
            return new ObjectSource(options, loader);
        }
        catch
        {
            loader.Object.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Attach()
    {
        ProgramAttacher attacher = new(_options);
        foreach (BpfProgram program in _loader.Object.Programs)
        {
            int before = _links.Count;
            string reason = attacher.Attach(program, _links);
            _hooks[program.Name] = _links.Skip(before).Select(link => link.Section).ToArray();
            if (reason.Length > 0)
            {
                _unattached[program.Name] = reason;
            }
        }

        _attached = true;
        if (_links.Count == 0)
        {
            string[] reasons = Programs.Where(program => program.Reason.Length > 0).Select(program => $"{program.Name}: {program.Reason}").ToArray();
            throw new EbpfException(
                EbpfErrorId.NotSupported,
                $"No program of '{Name}' could be attached. {string.Join(" ", reasons.Select(reason => reason.TrimEnd('.') + "."))}",
                "-Interface, -CgroupPath and -UserFunction say where to attach what a section leaves open.",
                target: Name);
        }

        ObjectPins.Make(_loader.Pins, _loader.Object);
    }

    /// <inheritdoc/>
    public override void Disarm() => _messages?.EndHere();

    /// <inheritdoc/>
    public override IReadOnlyList<BpfLink> TakeLinks()
    {
        BpfLink[] links = [.. _links];
        _links.Clear();
        return links;
    }

    /// <inheritdoc/>
    public override EbpfRecord? Take()
    {
        // Now and then it is the messages' turn first: where there are always records they would wait for ever.
        EbpfRecord? message = ++_taken % TakesOfATurn == 0 ? _messages?.Take() : null;
        return message ?? _batch.Take() ?? _messages?.Take();
    }

    /// <inheritdoc/>
    public override void EndHere()
    {
        _buffers.ForEach(buffer => buffer.EndHere());
        _messages?.EndHere();
    }

    /// <inheritdoc/>
    public override void Reopen()
    {
        _buffers.ForEach(buffer => buffer.Reopen());
        _messages?.Reopen();
    }

    /// <inheritdoc/>
    public override bool SharesTracePipe => _messages?.IsShared ?? false;

    /// <inheritdoc/>
    public override void Wait(bool hadRecords, int milliseconds)
    {
        if (hadRecords && _messages is null && _buffers.TrueForAll(buffer => buffer is PerfBuffer))
        {
            _waiter.Wait(Math.Min(milliseconds, _nap));
        }
        else
        {
            Wait(_waiter, hadRecords, milliseconds, _nap);
        }
    }

    /// <summary>Waits for what may come without a wake-up.</summary>
    internal static void Wait(Waiter waiter, bool hadRecords, int milliseconds, int nap = NapMilliseconds)
    {
        if (hadRecords)
        {
            waiter.Nap(Math.Min(milliseconds, nap));
        }
        else
        {
            waiter.Wait(Math.Min(milliseconds, LookMilliseconds));
        }
    }

    /// <inheritdoc/>
    public override void Wake() => _waiter.Wake();

    /// <inheritdoc/>
    public override LossReport ReadLoss(TimeSpan elapsed)
    {
        long? missed = 0;
        foreach (BpfProgram program in _loader.Object.Programs)
        {
            missed += (long?)program.ReadMissed();
        }

        long?[] lost = _buffers.Select(buffer => buffer.Lost).Append(_messages?.Lost).Where(count => count is not null).ToArray();
        return new LossReport
        {
            Name = Name,
            Elapsed = elapsed,
            Delivered = _batch.Delivered + (_messages?.Delivered ?? 0),
            Undecoded = _batch.Undecoded,
            RingFull = lost.Length > 0 ? lost.Sum() : null,
            Missed = missed,
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SessionMap> Maps(ProbeSession session) =>
        _loader.Object.Maps().Select(map => new SessionMap(session, Name, _loader.Object, map, null)).ToArray();

    /// <inheritdoc/>
    public override void Dispose()
    {
        DisposeBuffers();
        _loader.Object.Dispose();
    }

    private void DisposeBuffers()
    {
        _waiter.Dispose();
        _messages?.Dispose();
        _buffers.ForEach(buffer => buffer.Dispose());
    }

    private RecordBuffer? OpenBuffer(BpfMap map) => map.Type switch
    {
        BpfMapType.RingBuffer => new UserRing(map) { Name = map.Name },
        BpfMapType.PerfEventArray => new PerfBuffer(map, (int)(_options.BufferSize ?? ObjectSessionOptions.PerfBufferSize)) { Name = map.Name },
        _ => null,
    };

    private SessionProgram Describe(OpenedProgram program)
    {
        if (_loader.Refused.TryGetValue(program.Name, out string? refusal))
        {
            return new SessionProgram(program.Name, program.Section, ProgramState.Refused, [], refusal);
        }

        if (!_loader.Object.Programs.Any(loaded => loaded.Name == program.Name))
        {
            return new SessionProgram(program.Name, program.Section, ProgramState.LeftOut, [], "-Program names others");
        }

        string reason = _unattached.GetValueOrDefault(program.Name, "");
        string[] hooks = _hooks.GetValueOrDefault(program.Name, []);
        return new SessionProgram(program.Name, program.Section, _attached && reason.Length == 0 ? ProgramState.Attached : ProgramState.Loaded, hooks, reason);
    }
}
