using System.Text.RegularExpressions;

namespace EbpfPs.Codegen;

/// <summary>What a piece of C is.</summary>
internal enum CTokenKind
{
    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A string or a character.</summary>
    Text,

    /// <summary>A line of the preprocessor.</summary>
    Directive,

    /// <summary>A number, or one character of punctuation.</summary>
    Other,
}

/// <summary>A piece of C, without the blanks and comments around it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its characters.</param>
/// <param name="Start">Where it begins in the source.</param>
/// <param name="Depth">How many braces and parentheses are open before it.</param>
internal sealed partial record CToken(CTokenKind Kind, string Value, int Start, int Depth)
{
    /// <summary>Where it ends in the source.</summary>
    public int End => Start + Value.Length;

    /// <summary>Whether it is this name or punctuation.</summary>
    public bool Is(string value) => Kind is CTokenKind.Name or CTokenKind.Other && Value == value;

    /// <summary>Takes a source apart.</summary>
    public static IReadOnlyList<CToken> Read(string source)
    {
        List<CToken> tokens = [];
        int depth = 0;
        foreach (Match match in Piece().Matches(source))
        {
            CTokenKind kind =
                match.Groups["name"].Success ? CTokenKind.Name :
                match.Groups["text"].Success ? CTokenKind.Text :
                match.Groups["directive"].Success ? CTokenKind.Directive :
                CTokenKind.Other;
            if (match.Groups["idle"].Success)
            {
                continue;
            }

            Group piece = match.Groups["directive"].Success ? match.Groups["directive"] : match;
            depth -= piece.Value is ")" or "}" or "]" ? 1 : 0;
            tokens.Add(new CToken(kind, piece.Value, piece.Index, depth));
            depth += piece.Value is "(" or "{" or "[" ? 1 : 0;
        }

        return tokens;
    }

    [GeneratedRegex(""""
        (?<idle>\s+|//(?:\\\r?\n|[^\n])*|/\*[\s\S]*?(?:\*/|\z))
        |(?<=^[ \t]*)(?<directive>\#(?:\\\r?\n|/\*[\s\S]*?\*/|(?!//)[^\n])*)
        |(?<text>"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?)
        |(?<name>[A-Za-z_]\w*)
        |\d[\w.]*
        |[\s\S]
        """", RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Piece();
}
