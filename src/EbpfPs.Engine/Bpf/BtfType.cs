namespace EbpfPs.Bpf;

/// <summary>
/// A C type, as BTF describes it, with qualifiers gone and type definitions followed; only the text keeps the name
/// that the source uses.
/// </summary>
/// <param name="Text">The type as C writes it: <c>u64</c>, <c>struct latency_key</c>, <c>char[16]</c>.</param>
/// <param name="Size">Bytes.</param>
public abstract record BtfType(string Text, int Size)
{
    /// <summary>The type as C writes it.</summary>
    public sealed override string ToString() => Text;
}

/// <summary>A number.</summary>
/// <param name="Text"><inheritdoc cref="BtfType" path="/param[@name='Text']"/></param>
/// <param name="Size">Bytes: 1 to 16.</param>
/// <param name="IsSigned">Whether it can be negative.</param>
/// <param name="IsBool">Whether it is a <c>_Bool</c>.</param>
/// <param name="IsChar">Whether it is a plain <c>char</c>: an array of them is text.</param>
/// <param name="BitOffset">Bits from the start to the value; other than 0 only in bit-fields of old compilers.</param>
/// <param name="Bits">Bits of the value.</param>
public sealed record BtfInteger(string Text, int Size, bool IsSigned, bool IsBool, bool IsChar, int BitOffset, int Bits) : BtfType(Text, Size);

/// <summary>A floating-point number.</summary>
/// <param name="Text"><inheritdoc cref="BtfType" path="/param[@name='Text']"/></param>
/// <param name="Size">Bytes: 2, 4, 8, 12 or 16.</param>
public sealed record BtfFloat(string Text, int Size) : BtfType(Text, Size);

/// <summary>An address.</summary>
/// <param name="Text"><inheritdoc cref="BtfType" path="/param[@name='Text']"/></param>
public sealed record BtfPointer(string Text) : BtfType(Text, 8);

/// <summary>An enumeration.</summary>
/// <param name="Text"><inheritdoc cref="BtfType" path="/param[@name='Text']"/></param>
/// <param name="Size">Bytes: 1 to 8.</param>
/// <param name="IsSigned">Whether a value can be negative.</param>
/// <param name="Names">The names, by their values; of two names for one value the first.</param>
public sealed record BtfEnum(string Text, int Size, bool IsSigned, IReadOnlyDictionary<long, string> Names) : BtfType(Text, Size);

/// <summary>An array.</summary>
/// <param name="Text"><inheritdoc cref="BtfType" path="/param[@name='Text']"/></param>
/// <param name="Element">The type of its elements.</param>
/// <param name="Length">How many there are; 0 for a flexible array.</param>
public sealed record BtfArray(string Text, BtfType Element, int Length) : BtfType(Text, Element.Size * Length);

/// <summary>A struct, a union, or the variables of a section.</summary>
/// <param name="Text"><inheritdoc cref="BtfType" path="/param[@name='Text']"/></param>
/// <param name="Size">Bytes.</param>
/// <param name="Fields">Its members in order.</param>
public sealed record BtfStruct(string Text, int Size, IReadOnlyList<BtfField> Fields) : BtfType(Text, Size);

/// <summary>A type whose values can't be read: <c>void</c>, a function, a struct that is only declared.</summary>
/// <param name="Text"><inheritdoc cref="BtfType" path="/param[@name='Text']"/></param>
public sealed record BtfOpaque(string Text) : BtfType(Text, 0);

/// <summary>A member of a struct or union.</summary>
/// <param name="Name">Its name; empty for an anonymous struct or union.</param>
/// <param name="BitOffset">Bits from the start of the struct.</param>
/// <param name="Bits">Bits of a bit-field; 0 for any other member.</param>
/// <param name="Type">Its type.</param>
public sealed record BtfField(string Name, int BitOffset, int Bits, BtfType Type);
