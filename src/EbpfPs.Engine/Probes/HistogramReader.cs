using System.Globalization;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>What the slots of a map count.</summary>
public enum HistogramKind
{
    /// <summary>
    /// Powers of two. A key is a slot as bpf_log2l() of bcc gives it: slot n is 2^(n-1) to 2^n - 1. The n-th element of an
    /// array in a value is 2^n to 2^(n+1) - 1.
    /// </summary>
    Log2,

    /// <summary>The number itself.</summary>
    Linear,
}

/// <summary>
/// Makes histograms of a map whose entries are slots: <c>BPF_HISTOGRAM(dist)</c>, where the key is the slot, and
/// <c>BPF_HISTOGRAM(dist, struct key)</c>, where the slot is the key's member of that name or else its last, and each
/// combination of the others has a histogram of its own. An array of counts in the value, by itself or as a member
/// <c>slots</c>, is a histogram as well.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="kind">What its slots count.</param>
/// <param name="unit">Nanoseconds of a number; null where they are no times.</param>
internal sealed class HistogramReader(KernelMap map, HistogramKind kind, long? unit)
{
    private const string SlotMember = "slot";
    private const string SlotsMember = "slots";
    private const int LastSlot = 64;

    /// <summary>The kind that a map's own types tell, by the name of its values' type; null where they tell nothing.</summary>
    public static HistogramKind? KindOf(BtfType? key, BtfType? value) => SlotOf(key) is null ? null : value?.Text switch
    {
        "log2_histogram_slot" => HistogramKind.Log2,
        "linear_histogram_slot" => HistogramKind.Linear,
        _ => null,
    };

    /// <summary>Reads the map.</summary>
    /// <exception cref="EbpfException">Its entries can't be slots.</exception>
    public IEnumerable<MapEntry> Read(bool perCpu)
    {
        BtfType? value = map.ValueBtf;
        bool inValue = value is BtfArray { Element: BtfInteger } || (value is BtfStruct members && members.Fields.Any(IsSlots));
        if (!inValue && (SlotOf(map.KeyBtf) is null || value is not BtfInteger))
        {
            throw NoSlots("a histogram's key is a number or ends in one and its value is a number, or its value has an array of numbers named slots");
        }

        return inValue
            ? map.Entries(perCpu).Select(entry => entry with { Value = Make(CountsIn(entry.Value), inValue: true) })
            : map.Entries(perCpu)
                .Where(entry => entry.Key is not null)
                .Select(entry => (Entry: entry, Parts: Split(entry.Key!)))
                .GroupBy(one => (Text(one.Parts.Others), one.Entry.Cpu))
                .Select(group => group.First().Entry with
                {
                    Key = group.First().Parts.Others,
                    Value = Make(group.Select(one => KeyValuePair.Create(one.Parts.Slot, Count(one.Entry.Value))), inValue: false),
                });
    }

    /// <summary>The member of a key that is the slot; empty for the key itself, null where there is none.</summary>
    private static string? SlotOf(BtfType? key) => key switch
    {
        BtfInteger { Size: <= 8, IsBool: false } => "",
        BtfStruct { Fields: [.., BtfField last] fields } =>
            (fields.FirstOrDefault(field => field.Name == SlotMember) ?? last) is { Type: BtfInteger { Size: <= 8, IsBool: false }, Name: { Length: > 0 } name } ? name : null,
        _ => null,
    };

    private static bool IsSlots(BtfField field) => field is { Name: SlotsMember, Type: BtfArray { Element: BtfInteger } };

    private static ulong Count(object value) => value is IConvertible number
        ? (ulong)Math.Clamp(number.ToDecimal(CultureInfo.InvariantCulture), 0, ulong.MaxValue)
        : 0;

    private static long Slot(object? value) => value is IConvertible number
        ? (long)Math.Clamp(number.ToDecimal(CultureInfo.InvariantCulture), long.MinValue, long.MaxValue)
        : 0;

    private static IEnumerable<KeyValuePair<long, ulong>> CountsIn(object value) =>
        ((value is StructValue members ? members[SlotsMember] : value) as Array)?.Cast<object>().Select((count, n) => KeyValuePair.Create((long)n, Count(count))) ?? [];

    /// <summary>Keys are told apart by what they say, not by the padding between their members.</summary>
    private static string Text(object? key)
    {
        string text = key switch
        {
            null => "",
            StructValue members => string.Concat(members.Select(member => Text(member.Value))),
            Array elements => string.Concat(elements.Cast<object>().Select(Text)),
            _ => Convert.ToString(key, CultureInfo.InvariantCulture) ?? "",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}");
    }

    private (object? Others, long Slot) Split(object key)
    {
        if (key is not StructValue members)
        {
            return (null, Slot(key));
        }

        string slot = SlotOf(map.KeyBtf) ?? "";
        return (new StructValue(members.TypeName, members.Where(member => member.Key != slot).ToList()), Slot(members[slot]));
    }

    private object Make(IEnumerable<KeyValuePair<long, ulong>> counts, bool inValue)
    {
        KeyValuePair<long, ulong>[] all = counts.Where(pair => pair.Value > 0).ToArray();
        long scale = unit ?? 1;
        if (kind == HistogramKind.Linear)
        {
            HistogramSlots numbers = HistogramSlots.Linear(all, scale);
            return unit is null ? new NumberHistogram(numbers, exact: true) : Histogram.From(numbers);
        }

        KeyValuePair<long, ulong>[] slots = inValue ? Array.ConvertAll(all, pair => KeyValuePair.Create(pair.Key + 1, pair.Value)) : all;
        if (slots.Any(pair => pair.Key is < 0 or > LastSlot))
        {
            throw NoSlots($"{slots.First(pair => pair.Key is < 0 or > LastSlot).Key} is no slot of powers of two, which end at {LastSlot}; it may be linear");
        }

        HistogramSlots powers = HistogramSlots.Log2(slots, scale);
        return unit is null ? new NumberHistogram(powers, exact: false) : Histogram.From(powers);
    }

    private EbpfException NoSlots(string reason) => new(
        EbpfErrorId.InvalidArgument,
        $"Map '{map.Name}' can't be read as a histogram: {reason}.",
        "-As Entry shows its entries as they are, -As LinearHistogram numbers that are no powers of two.",
        target: map.Name);
}
