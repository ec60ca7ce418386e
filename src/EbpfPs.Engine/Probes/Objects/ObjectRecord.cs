using System.Reflection;
using System.Runtime.CompilerServices;
using EbpfPs.Events;

namespace EbpfPs.Probes;

/// <summary>
/// A record of a user's object. The types of records are made at run time from the object's types, and derive from this
/// one: each has a property for each member of the C struct (see <see cref="RecordShape"/>).
/// </summary>
public abstract class ObjectRecord : EbpfRecord
{
    private static readonly ConditionalWeakTable<Type, PropertyInfo[]> _properties = [];

    /// <summary>For the types that are made at run time.</summary>
    protected ObjectRecord()
    {
    }

    /// <summary>The members on one line, <c>pid=7, comm=cat</c>; safe to show on a terminal.</summary>
    public override string ToString() => string.Join(", ", Values().Select(pair => $"{pair.Name}={TerminalText.Escape(Text(pair.Value))}"));

    /// <summary>The members in the struct's order.</summary>
    internal IEnumerable<(string Name, object? Value)> Values() =>
        _properties.GetValue(GetType(), RecordShape.PropertiesOf).Select(property => (property.Name, property.GetValue(this)));

    internal static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        Array array => $"[{string.Join(' ', array.Cast<object?>().Select(Text))}]",
        ObjectRecord nested => $"{{{string.Join(", ", nested.Values().Select(pair => $"{pair.Name}={Text(pair.Value)}"))}}}",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
