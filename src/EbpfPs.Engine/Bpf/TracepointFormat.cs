using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EbpfPs.Bpf;

/// <summary>What a classic tracepoint gives its programs, by the <c>format</c> file that tracefs has of it.</summary>
internal static partial class TracepointFormat
{
    /// <summary>
    /// Declares <c>struct tracepoint__CATEGORY__NAME</c> with the members at the offsets that the kernel says. Numbers have
    /// the C type of their size and sign, whatever the kernel calls it; what is of variable length is the word that tells
    /// where it lies, <c>data_loc_NAME</c>. The first 8 bytes are every tracepoint's and not for programs.
    /// </summary>
    /// <param name="folder">The tracepoint's folder in tracefs.</param>
    /// <param name="category">Its category.</param>
    /// <param name="name">Its name.</param>
    public static string Declare(string folder, string category, string name) =>
        Parse(category, name, File.ReadAllText(Path.Combine(folder, "format")));

    /// <summary>Declares the struct from a format file's text.</summary>
    internal static string Parse(string category, string name, string format)
    {
        StringBuilder text = new($"struct tracepoint__{category}__{name} {{\n");
        int at = 0;
        foreach (Match field in Field().Matches(format))
        {
            int offset = Number(field, "offset");
            int size = Number(field, "size");
            if (field.Groups["name"].Value.StartsWith("common_", StringComparison.Ordinal) || offset < at || size == 0)
            {
                continue;
            }

            if (offset > at)
            {
                text.Append(CultureInfo.InvariantCulture, $"\tchar __at_{at}[{offset - at}];\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"\t{Member(field, size)};\n");
            at = offset + size;
        }

        return text.Append("} __attribute__((packed, aligned(8)));\n").ToString();
    }

    private static string Member(Match field, int size)
    {
        string type = field.Groups["type"].Value;
        string name = field.Groups["name"].Value;
        bool signed = field.Groups["signed"].Value == "1";
        if (type.StartsWith("__data_loc", StringComparison.Ordinal) || type.StartsWith("__rel_loc", StringComparison.Ordinal))
        {
            return $"int data_loc_{name}";
        }

        if (field.Groups["array"].Success)
        {
            int element = type.Contains("char", StringComparison.Ordinal) || type.EndsWith("u8", StringComparison.Ordinal) ? 1 : Elements(field.Groups["array"].Value, size);
            return string.Create(CultureInfo.InvariantCulture, $"{(type.Contains("char", StringComparison.Ordinal) ? "char" : Integer(element, signed))} {name}[{size / element}]");
        }

        return type.Contains('*', StringComparison.Ordinal) ? $"{type} {name}" : $"{Integer(size, signed)} {name}";
    }

    private static int Elements(string count, int size)
    {
        int element = int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? size / number : 1;
        return element is 2 or 4 or 8 ? element : 1;
    }

    private static string Integer(int size, bool signed) => (size, signed) switch
    {
        (1, true) => "signed char",
        (1, false) => "unsigned char",
        (2, true) => "short",
        (2, false) => "unsigned short",
        (4, true) => "int",
        (4, false) => "unsigned int",
        (8, true) => "long long",
        (8, false) => "unsigned long long",
        _ => string.Create(CultureInfo.InvariantCulture, $"struct {{ unsigned char bytes[{size}]; }}"),
    };

    private static int Number(Match field, string group) => int.Parse(field.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*field:(?<type>.*?)\s*(?<name>\w+)(?:\[(?<array>[^\]]*)\])?;\s*offset:(?<offset>\d+);\s*size:(?<size>\d+);\s*signed:(?<signed>\d);", RegexOptions.Multiline)]
    private static partial Regex Field();
}
