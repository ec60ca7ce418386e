using System.Reflection;
using System.Text.RegularExpressions;

namespace EbpfPs.UnitTests;

/// <summary>The project's own files, for the rules that are about them.</summary>
internal static partial class Sources
{
    public static string Root { get; } = typeof(Sources).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepoRoot").Value!;

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Paths, from the root, of the files below a folder that people wrote.</summary>
    public static IReadOnlyList<string> Below(string folder, params string[] endings)
    {
        string[] found = Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "output"))
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.NotEmpty(found);
        return found;
    }

    /// <summary>C# without comments and strings: what the compiler acts on.</summary>
    public static string Code(string path) => Idle().Replace(Read(path), match => match.Value[0] == '/' ? " " : "\"\"");

    [GeneratedRegex("""//.*|/\*[\s\S]*?\*/|""\"[\s\S]*?""\"|[$]?@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""")]
    private static partial Regex Idle();
}
