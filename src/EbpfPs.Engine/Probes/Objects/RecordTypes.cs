using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>The .NET types of C types in one module that is made at run time.</summary>
/// <param name="module">Where enumerations and structs go.</param>
internal sealed class RecordTypes(ModuleBuilder module)
{
    /// <summary>An enumeration with fewer single bits may as well count: 0, 1, 2.</summary>
    private const int FewestFlags = 3;

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<BtfEnum, Type> _enums = [];

    /// <summary>The module.</summary>
    public ModuleBuilder Module { get; } = module;

    /// <summary>The type of a number; null for one that .NET has none for.</summary>
    public static Type? OfNumber(BtfType type) => type switch
    {
        BtfInteger { IsBool: true } => typeof(bool),
        BtfInteger { Size: 16 } => typeof(BigInteger),
        BtfInteger number => Integer(number.Size, number.IsSigned),
        BtfPointer => typeof(ulong),
        BtfFloat { Size: sizeof(float) } => typeof(float),
        BtfFloat { Size: sizeof(double) } => typeof(double),
        _ => null,
    };

    /// <summary>The enumeration of a C enumeration.</summary>
    /// <param name="type">The C type.</param>
    /// <param name="owner">The record's type, whose name goes before.</param>
    /// <param name="field">The field's name, for an enumeration that has none.</param>
    public Type OfEnum(BtfEnum type, string owner, string field)
    {
        if (_enums.TryGetValue(type, out Type? known))
        {
            return known;
        }

        Type number = Integer(type.Size, type.IsSigned) ?? typeof(long);
        string tag = type.Text == "enum" ? field : type.Text[(type.Text.LastIndexOf(' ') + 1)..];
        EnumBuilder builder = Module.DefineEnum(Unused($"{owner}_{RecordShape.Clean(tag)}"), TypeAttributes.Public, number);
        // The value itself is a field of that name.
        HashSet<string> used = new(StringComparer.Ordinal) { "value__" };
        foreach ((long value, string name) in type.Names)
        {
            if (name.Length > 0 && used.Add(name))
            {
                builder.DefineLiteral(name, Literal(value, number));
            }
        }

        if (AreFlags(type.Names.Keys))
        {
            builder.SetCustomAttribute(new CustomAttributeBuilder(typeof(FlagsAttribute).GetConstructor([])!, []));
        }

        return _enums[type] = builder.CreateType();
    }

    /// <summary>A name that no other type of the module has.</summary>
    public string Unused(string name) => RecordField.Unused(_names, name);

    /// <summary>Whether values are single bits, at least a few, and combinations of them.</summary>
    internal static bool AreFlags(IEnumerable<long> values)
    {
        long[] all = values.Where(value => value != 0).ToArray();
        long[] bits = all.Where(value => BitOperations.IsPow2((ulong)value)).ToArray();
        long union = bits.Aggregate(0L, (sum, bit) => sum | bit);

        // 1, 2, 3, 4 is a count, although 3 is 1 and 2: of honest combinations there are fewer than bits.
        return bits.Length >= FewestFlags && all.All(value => (value & ~union) == 0) && !all.Contains(3) && all.Length < 2 * bits.Length;
    }

    private static Type? Integer(int size, bool signed) => (size, signed) switch
    {
        (1, true) => typeof(sbyte),
        (1, false) => typeof(byte),
        (2, true) => typeof(short),
        (2, false) => typeof(ushort),
        (4, true) => typeof(int),
        (4, false) => typeof(uint),
        (8, true) => typeof(long),
        (8, false) => typeof(ulong),
        _ => null,
    };

    private static object Literal(long value, Type number) => unchecked(Type.GetTypeCode(number) switch
    {
        TypeCode.SByte => (sbyte)value,
        TypeCode.Byte => (object)(byte)value,
        TypeCode.Int16 => (short)value,
        TypeCode.UInt16 => (ushort)value,
        TypeCode.Int32 => (int)value,
        TypeCode.UInt32 => (uint)value,
        TypeCode.UInt64 => (ulong)value,
        _ => value,
    });
}
