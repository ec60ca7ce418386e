using System.Globalization;
using EbpfPs.Probes;

namespace EbpfPs.Agent;

/// <summary>The command line was wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>What the command line asks for. Every option has one value: <c>--name value</c> or <c>--name=value</c>.</summary>
internal sealed class Arguments
{
    private readonly List<string> _probes = [];
    private readonly List<int> _processIds = [];
    private readonly List<string> _processNames = [];
    private readonly List<string> _users = [];
    private readonly List<string> _cgroups = [];
    private readonly List<string> _syscalls = [];
    private bool _includeChild;
    private bool _includeSelf;
    private long _bufferSize = SessionOptions.DefaultBufferSize;
    private TimeSpan? _minimumDuration;
    private string? _mechanism;

    /// <summary>How long to watch; infinite when not said.</summary>
    public TimeSpan Duration { get; private set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How many events to write.</summary>
    public long MaxEvents { get; private set; } = long.MaxValue;

    /// <summary>Whether to write NDJSON.</summary>
    public bool Json { get; private set; } = true;

    /// <summary>Reads what follows <c>watch</c>.</summary>
    /// <exception cref="UsageException">An option is unknown, or its value can't be.</exception>
    public static Arguments Parse(IEnumerable<string> words)
    {
        Arguments parsed = new();
        Queue<string> rest = new(words);
        while (rest.TryDequeue(out string? word))
        {
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                int equals = word.IndexOf('=', StringComparison.Ordinal);
                string? value = equals < 0 ? null : word[(equals + 1)..];
                parsed.Set(equals < 0 ? word : word[..equals], value, rest);
            }
            else
            {
                parsed._probes.AddRange(List(word));
            }
        }

        return parsed;
    }

    /// <summary>The session that was asked for, checked.</summary>
    /// <exception cref="EbpfException">A probe or a user is unknown, or a value is out of its range.</exception>
    public SessionOptions ToSessionOptions()
    {
        SessionOptions options = new()
        {
            Probes = _probes.Select(ProbeCatalog.Find).ToArray(),
            BufferSize = _bufferSize,
            MinimumDuration = _minimumDuration,
            Syscalls = _syscalls,
            Mechanism = _mechanism,
            Filter = new ProcessFilter
            {
                ProcessIds = _processIds,
                ProcessNames = _processNames,
                UserIds = _users.Select(UserId).ToArray(),
                CgroupPaths = _cgroups,
                IncludeChild = _includeChild,
                IncludeSelf = _includeSelf,
            },
        };
        options.Validate();
        return options;
    }

    private void Set(string name, string? attached, Queue<string> rest)
    {
        if (name is "--include-child" or "--include-self")
        {
            _includeChild |= name == "--include-child";
            _includeSelf |= name == "--include-self";
            return;
        }

        Action<string>? set = name switch
        {
            "--duration" => value => Duration = Positive(Values.Time(value), name),
            "--max-events" => value => MaxEvents = Number(value, name),
            "--format" => value => Json = value switch
            {
                "json" => true,
                "text" => false,
                _ => throw new UsageException($"--format is json or text, not '{value}'."),
            },
            "--process-id" => value => _processIds.AddRange(List(value).Select(one => (int)Number(one, name, int.MaxValue))),
            "--process-name" => value => _processNames.AddRange(List(value)),
            "--user" => value => _users.AddRange(List(value)),
            "--cgroup" => _cgroups.Add,
            "--buffer-size" => value => _bufferSize = Values.Size(value),
            "--min-duration" => value => _minimumDuration = Values.Time(value),
            "--syscall" => value => _syscalls.AddRange(List(value)),
            "--mechanism" => value => _mechanism = value,
            _ => null,
        };
        if (set is null)
        {
            throw new UsageException($"There is no option {name}.");
        }

        set(attached ?? (rest.TryDequeue(out string? next) ? next : throw new UsageException($"{name} needs a value.")));
    }

    private static string[] List(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static uint UserId(string user) =>
        uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? id : SystemNames.UserId(user);

    private static long Number(string value, string name, long most = long.MaxValue) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= 1 && number <= most
            ? number
            : throw new UsageException($"{name} is a number from 1, not '{value}'.");

    private static TimeSpan Positive(TimeSpan time, string name) =>
        time > TimeSpan.Zero && time.TotalDays <= 49 ? time : throw new UsageException($"{name} is more than 0 and at most 49 days.");
}
