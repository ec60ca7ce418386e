namespace EbpfPs.Codegen;

/// <summary>A parameter of a function.</summary>
/// <param name="Type">Its type, as it is written.</param>
/// <param name="Name">Its name; empty where it has none.</param>
internal sealed record CParameter(string Type, string Name);

/// <summary>A function that a source defines.</summary>
/// <param name="Name">Its name's token.</param>
/// <param name="Parameters">What it takes.</param>
/// <param name="IsStatic">Whether it is declared static or inline, and so is no program.</param>
/// <param name="IsVoid">Whether it returns nothing.</param>
internal sealed record CFunction(CToken Name, IReadOnlyList<CParameter> Parameters, bool IsStatic, bool IsVoid)
{
    /// <summary>Finds the functions that a source defines: NAME ( parameters ) { outside everything.</summary>
    public static IReadOnlyList<CFunction> Find(IReadOnlyList<CToken> tokens)
    {
        List<CFunction> found = [];
        int declaration = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Depth > 0)
            {
                continue;
            }

            if (tokens[i].Kind is CTokenKind.Directive || tokens[i].Is(";") || tokens[i].Is("}"))
            {
                declaration = i + 1;
            }
            else if (tokens[i].Kind is CTokenKind.Name && i > declaration && i + 1 < tokens.Count && tokens[i + 1].Is("("))
            {
                int close = Closing(tokens, i + 1);
                if (close + 1 < tokens.Count && tokens[close + 1].Is("{"))
                {
                    CToken[] before = tokens.Skip(declaration).Take(i - declaration).ToArray();
                    found.Add(new CFunction(
                        tokens[i],
                        ReadParameters(tokens.Skip(i + 2).Take(close - i - 2)),
                        before.Any(token => token.Value is "static" or "inline" or "__always_inline" or "__inline"),
                        before.Any(token => token.Is("void")) && !before.Any(token => token.Is("*"))));
                }
            }
        }

        return found;
    }

    /// <summary>The token that closes what one opens; the count of tokens where nothing does.</summary>
    public static int Closing(IReadOnlyList<CToken> tokens, int open)
    {
        int close = open + 1;
        while (close < tokens.Count && tokens[close].Depth > tokens[open].Depth)
        {
            close++;
        }

        return close;
    }

    private static List<CParameter> ReadParameters(IEnumerable<CToken> tokens)
    {
        List<List<CToken>> parts = [[]];
        int outside = -1;
        foreach (CToken token in tokens)
        {
            outside = outside < 0 ? token.Depth : outside;
            if (token.Depth == outside && token.Is(","))
            {
                parts.Add([]);
            }
            else
            {
                parts[^1].Add(token);
            }
        }

        return parts.Where(part => part.Count > 0 && !(part.Count == 1 && part[0].Is("void"))).Select(Parameter).ToList();
    }

    private static CParameter Parameter(List<CToken> tokens)
    {
        bool named = tokens.Count > 1 && tokens[^1].Kind is CTokenKind.Name;
        return new CParameter(
            string.Join(' ', tokens.Take(named ? tokens.Count - 1 : tokens.Count).Select(token => token.Value)),
            named ? tokens[^1].Value : "");
    }
}
