using System.Collections;

namespace EbpfPs.Probes;

/// <summary>The members of a C struct or union, by name and in its order.</summary>
public sealed class StructValue : IReadOnlyList<KeyValuePair<string, object>>
{
    private readonly List<KeyValuePair<string, object>> _fields;

    internal StructValue(string typeName, List<KeyValuePair<string, object>> fields)
    {
        TypeName = typeName;
        _fields = fields;
    }

    /// <summary>The type as C writes it.</summary>
    public string TypeName { get; }

    /// <inheritdoc/>
    public int Count => _fields.Count;

    /// <inheritdoc/>
    public KeyValuePair<string, object> this[int index] => _fields[index];

    /// <summary>A member's value; null where there is no such member.</summary>
    public object? this[string name]
    {
        get
        {
            foreach ((string key, object value) in _fields)
            {
                if (key == name)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _fields.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The members on one line: <c>syscall=0, comm=cat</c>.</summary>
    public override string ToString() => string.Join(", ", _fields.Select(field => $"{field.Key}={field.Value}"));
}
