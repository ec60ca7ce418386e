namespace EbpfPs.Bpf;

/// <summary>A line of a program's C source, as the object's line information has it.</summary>
/// <param name="File">The file's name, without its folder; empty where it is not known.</param>
/// <param name="Line">Counted from 1; 0 where it is not known.</param>
/// <param name="Text">The line, without the blanks around it.</param>
public sealed record SourceLine(string File, int Line, string Text)
{
    /// <summary>The line as a part of a sentence: <c>line 7 of x.c, `return *value;`</c>.</summary>
    public override string ToString() => Line == 0 ? $"`{Text}`" : $"line {Line} of {File}, `{Text}`";
}
