using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>Properties of fields that are arrays.</summary>
internal static class RecordArray
{
    /// <summary>The property of an array: text, a typed array, or an array of objects.</summary>
    public static RecordProperty Of(RecordField field, BtfArray array, string owner, RecordTypes types)
    {
        int offset = field.BitOffset / 8;
        int most = array.Length == 0 ? int.MaxValue : array.Length;
        object Count(RecordCode code) => field.IsOpen
            ? () => code.Call(nameof(RecordReading.CountToEnd), [], RecordCode.Record, offset, array.Element.Size, most)
            : (object)array.Length;

        if (array.Element is BtfInteger { IsChar: true })
        {
            return RecordProperty.TextOf(field, offset);
        }

        if (array.Element is BtfStruct element)
        {
            (Type type, RecordDecoder decode) = RecordCompiler.Compile(types, $"{owner}_{RecordShape.Clean(field.Name)}", RecordField.Flatten(element));
            return new(field.Name, type.MakeArrayType(), code => code.Call(
                nameof(RecordReading.Structs), [type], RecordCode.Record, offset, Count(code), element.Size, decode, RecordCode.Context));
        }

        Type? number = array.Element is BtfEnum names ? types.OfEnum(names, owner, field.Name) : RecordTypes.OfNumber(array.Element);
        if (number == typeof(bool))
        {
            return new(field.Name, typeof(bool[]), code => code.Call(nameof(RecordReading.Bools), [], RecordCode.Record, offset, Count(code)));
        }

        bool isPlain = array.Element is BtfEnum or BtfPointer or BtfFloat || (array.Element is BtfInteger { Size: <= 8 } plain && plain.Bits == plain.Size * 8);
        return number is not null && isPlain
            ? new(field.Name, number.MakeArrayType(), code => code.Call(nameof(RecordReading.Numbers), [number], RecordCode.Record, offset, Count(code)))
            : new(field.Name, typeof(object[]), code => code.Call(nameof(RecordReading.Others), [], RecordCode.Record, offset, Count(code), array.Element));
    }
}
