using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EbpfPs.Events;

namespace EbpfPs.Agent;

/// <summary>
/// One public property of an event type. The types say themselves what there is, so that a new probe's events
/// come out with no word about them here.
/// </summary>
internal abstract class EventField(string name)
{
    /// <summary>The property's name.</summary>
    public string Name { get; } = name;

    /// <summary>The properties of an event type, the common ones first, in the order of the source.</summary>
    public static EventField[] Of(Type eventType)
    {
        List<Type> types = [];
        for (Type? type = eventType; type is not null && type != typeof(object); type = type.BaseType)
        {
            types.Insert(0, type);
        }

        // Read from the type itself: an overriding property stands where its base declared it.
        return types
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .DistinctBy(property => property.Name)
            .Select(property => Create(eventType, eventType.GetProperty(property.Name)!))
            .ToArray();
    }

    /// <summary>Writes name and value.</summary>
    public abstract void WriteJson(Utf8JsonWriter json, EbpfEvent source);

    /// <summary>The value for people; empty where there is none to tell of.</summary>
    public abstract string ToText(EbpfEvent source);

    private static EventField Create(Type eventType, PropertyInfo property) =>
        (EventField)Activator.CreateInstance(typeof(EventField<,>).MakeGenericType(eventType, property.PropertyType), property)!;
}

/// <summary>A property behind a delegate: no boxing and no reflection for each event.</summary>
internal sealed class EventField<TEvent, TValue>(PropertyInfo property) : EventField(property.Name)
    where TEvent : EbpfEvent
{
    private readonly JsonEncodedText _name = JsonEncodedText.Encode(property.Name);
    private readonly Func<TEvent, TValue> _get = property.GetMethod!.CreateDelegate<Func<TEvent, TValue>>();
    private readonly Action<Utf8JsonWriter, TValue> _write = JsonValue.WriterFor<TValue>();

    public override void WriteJson(Utf8JsonWriter json, EbpfEvent source)
    {
        json.WritePropertyName(_name);
        _write(json, _get((TEvent)source));
    }

    public override string ToText(EbpfEvent source)
    {
        TValue value = _get((TEvent)source);
        return value switch
        {
            string[] list => string.Join(' ', list),
            _ when EqualityComparer<TValue?>.Default.Equals(value, default) => "",
            _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        };
    }
}
