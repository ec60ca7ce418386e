using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Format;

/// <summary>
/// Records of users' objects on the screen: a line each below a heading, where the members of their struct fit beside each
/// other, else a list. Their types are made at run time, so no view of the format file can name their columns.
/// </summary>
public static class RecordText
{
    /// <summary>Wider rows are no rows any more on most terminals.</summary>
    private const int Widest = 118;

    private const int WidestColumn = 32;

    private static readonly ConditionalWeakTable<Type, Column[]> _columns = [];

    private sealed record Column(PropertyInfo Property, int Width, bool IsRight);

    /// <summary>The heading above records of one type; empty above a list.</summary>
    public static string[] Heading(object record)
    {
        Column[] columns = ColumnsOf(record);
        return IsTable(columns)
            ? [Row(columns, column => column.Property.Name), Row(columns, column => new string('-', Math.Min(column.Property.Name.Length, column.Width)))]
            : [];
    }

    /// <summary>A record: one line, or one for each member and an empty one.</summary>
    public static string[] Lines(object record)
    {
        Column[] columns = ColumnsOf(record);
        if (IsTable(columns))
        {
            return [Row(columns, column => Text(column.Property.GetValue(record)))];
        }

        int width = columns.Max(column => column.Property.Name.Length);
        return ["", .. columns.Select(column => $"{column.Property.Name.PadRight(width)} : {Text(column.Property.GetValue(record))}")];
    }

    private static Column[] ColumnsOf(object record) => _columns.GetValue(record.GetType(), type => RecordShape.PropertiesOf(type).Select(ColumnOf).ToArray());

    private static bool IsTable(Column[] columns) => columns.Sum(column => column.Width + 1) <= Widest;

    private static Column ColumnOf(PropertyInfo property)
    {
        Type type = property.PropertyType;
        (int width, bool right) = Type.GetTypeCode(type.IsEnum ? typeof(object) : type) switch
        {
            TypeCode.Boolean => (5, false),
            TypeCode.Byte or TypeCode.SByte => (4, true),
            TypeCode.Int16 or TypeCode.UInt16 => (6, true),
            TypeCode.Int32 or TypeCode.UInt32 => (8, true),
            TypeCode.Int64 or TypeCode.UInt64 or TypeCode.Double or TypeCode.Single => (12, true),
            TypeCode.DateTime => (12, false),
            TypeCode.String => (16, false),
            _ when type == typeof(TimeSpan) => (8, true),
            _ when type.IsEnum => (Math.Min(Enum.GetNames(type).Append("").Max(name => name.Length), 16), false),
            _ => (24, false),
        };
        return new Column(property, Math.Clamp(Math.Max(width, property.Name.Length), 1, WidestColumn), right);
    }

    private static string Row(Column[] columns, Func<Column, string> text)
    {
        // A value that is too long pushes the next ones, and is cut only in the end: a number must never be.
        IEnumerable<string> cells = columns.Select((column, i) =>
            column.IsRight ? text(column).PadLeft(column.Width) : i == columns.Length - 1 ? text(column) : text(column).PadRight(column.Width));
        return string.Join(' ', cells).TrimEnd();
    }

    private static string Text(object? value) => value switch
    {
        DateTime time => time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture),
        TimeSpan span => Safe.Duration(span.Ticks * 100),
        _ => TerminalText.Escape(ObjectRecord.Text(value)),
    };
}
