namespace EbpfPs.Probes;

/// <summary>An instruction of a program, as the verifier left it.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="ProgramId">The program's number.</param>
/// <param name="Index">Its place, in slots of 8 bytes.</param>
/// <param name="Text">The instruction in the kernel's words: the operation code in hexadecimal digits, then what it does.</param>
/// <param name="Function">The function that begins with it; else empty.</param>
/// <param name="Source">The line of C that begins with it; empty where it goes on, or is not known.</param>
/// <param name="File">The file of that line.</param>
/// <param name="Line">Its number; 0 where none is known.</param>
public sealed record ProgramInstruction(string Program, int ProgramId, int Index, string Text, string Function, string Source, string File, int Line)
{
    /// <summary>Place and text.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Index,4}: {Text}");
}
