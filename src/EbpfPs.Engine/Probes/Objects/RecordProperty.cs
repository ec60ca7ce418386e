using System.Numerics;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>A property of a record's type, and the code that reads it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its .NET type.</param>
/// <param name="Read">Emits code that leaves the value on the stack.</param>
internal sealed record RecordProperty(string Name, Type Type, Action<RecordCode> Read)
{
    /// <summary>The properties of a field: one; times and errnos have a number and a name for it.</summary>
    /// <param name="field">The field.</param>
    /// <param name="owner">The full name of the record's type.</param>
    /// <param name="types">The types of the record's module.</param>
    public static IEnumerable<RecordProperty> Of(RecordField field, string owner, RecordTypes types)
    {
        int offset = field.BitOffset / 8;
        switch (field.Meaning)
        {
            case FieldMeaning.IPv4 or FieldMeaning.IPv6:
                return [new(field.Name, typeof(string), code => code.Call(nameof(RecordReading.Address), [], RecordCode.Record, offset, field.Type.Size))];
            case FieldMeaning.Mac:
                return [new(field.Name, typeof(string), code => code.Call(nameof(RecordReading.Mac), [], RecordCode.Record, offset))];
            case FieldMeaning.Text:
                return [TextOf(field, offset)];
            case FieldMeaning.Port:
                (Type type, string function) = field.Type.Size switch
                {
                    2 => (typeof(ushort), nameof(RecordReading.Port16)),
                    4 => (typeof(uint), nameof(RecordReading.Port32)),
                    _ => (typeof(ulong), nameof(RecordReading.Port64)),
                };
                return [new(field.Name, type, code => code.Call(function, [], RecordCode.Record, offset))];
            case FieldMeaning.BootTime:
                return Time(field.Name, offset, nameof(RecordReading.BootNs));
            case FieldMeaning.Monotonic:
                return Time(field.Name, offset, nameof(RecordReading.MonotonicNs));
            case FieldMeaning.Duration:
                return
                [
                    new(field.Name, typeof(TimeSpan), code =>
                    {
                        code.Call(nameof(RecordReading.Number), [typeof(long)], RecordCode.Record, offset);
                        code.Call(nameof(RecordReading.DurationOf), [], RecordCode.OnStack);
                    }),
                    new(field.Name + "Ns", typeof(long), code => code.Call(nameof(RecordReading.Number), [typeof(long)], RecordCode.Record, offset)),
                ];
            case FieldMeaning.Errno:
                RecordProperty number = Plain(field, offset, owner, types);
                bool signed = field.Type is BtfInteger { IsSigned: true };
                return
                [
                    number,
                    new(field.Name + "Name", typeof(string), code =>
                    {
                        number.Read(code);
                        code.Widen(signed);
                        code.Call(nameof(RecordReading.ErrnoOf), [], RecordCode.OnStack, signed);
                    }),
                ];
            default:
                return [Plain(field, offset, owner, types)];
        }
    }

    private static RecordProperty[] Time(string name, int offset, string function)
    {
        void ReadNs(RecordCode code)
        {
            code.Call(nameof(RecordReading.Number), [typeof(long)], RecordCode.Record, offset);
            code.Call(function, [], RecordCode.OnStack, RecordCode.Context);
        }

        return
        [
            new(name, typeof(DateTime), code =>
            {
                ReadNs(code);
                code.Call(nameof(RecordReading.TimeOf), [], RecordCode.OnStack);
            }),
            new(name + "Ns", typeof(long), ReadNs),
        ];
    }

    private static RecordProperty Plain(RecordField field, int offset, string owner, RecordTypes types)
    {
        Type? number = field.Type is BtfEnum names ? types.OfEnum(names, owner, field.Name) : RecordTypes.OfNumber(field.Type);
        bool isBits = field.Bits > 0 || field.BitOffset % 8 != 0 || (field.Type is BtfInteger plain && (plain.BitOffset != 0 || plain.Bits != plain.Size * 8) && !plain.IsBool);
        if (isBits && number is not null)
        {
            return Bits(field, number);
        }

        if (number == typeof(BigInteger))
        {
            bool signed = field.Type is BtfInteger { IsSigned: true };
            return new(field.Name, number, code => code.Call(nameof(RecordReading.Wide), [], RecordCode.Record, offset, signed));
        }

        if (number == typeof(bool))
        {
            return new(field.Name, number, code => code.Call(nameof(RecordReading.Bool), [], RecordCode.Record, offset));
        }

        return number is not null
            ? new(field.Name, number, code => code.Call(nameof(RecordReading.Number), [number], RecordCode.Record, offset))
            : field.Type is BtfArray array ? RecordArray.Of(field, array, owner, types) : Other(field, offset);
    }

    /// <summary>Bytes as text.</summary>
    internal static RecordProperty TextOf(RecordField field, int offset) => new(field.Name, typeof(string), code =>
    {
        if (field.IsOpen)
        {
            code.Call(nameof(RecordReading.TextToEnd), [], RecordCode.Record, offset, field.Type.Size == 0 ? int.MaxValue : field.Type.Size, RecordCode.Context);
        }
        else
        {
            code.Call(nameof(RecordReading.Text), [], RecordCode.Record, offset, field.Type.Size, RecordCode.Context);
        }
    });

    private static RecordProperty Bits(RecordField field, Type type)
    {
        BtfInteger? integer = field.Type as BtfInteger;
        int offset = field.BitOffset + (field.Bits > 0 ? 0 : integer?.BitOffset ?? 0);
        int bits = field.Bits > 0 ? field.Bits : integer?.Bits ?? field.Type.Size * 8;
        bool signed = integer?.IsSigned ?? (field.Type as BtfEnum)?.IsSigned ?? false;
        if (type == typeof(BigInteger))
        {
            return new(field.Name, type, code => code.Call(nameof(RecordReading.WideBits), [], RecordCode.Record, offset, Math.Clamp(bits, 1, 128), signed));
        }

        return new(field.Name, type, code =>
        {
            code.Call(nameof(RecordReading.Bits), [], RecordCode.Record, offset, Math.Min(bits, 64), signed);
            code.Convert(type.IsEnum ? Enum.GetUnderlyingType(type) : type);
        });
    }

    private static RecordProperty Other(RecordField field, int offset) =>
        new(field.Name, typeof(object), code => code.Call(nameof(RecordReading.Other), [], RecordCode.Record, offset, field.Type));
}
