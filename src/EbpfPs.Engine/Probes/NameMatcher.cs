using System.Runtime.InteropServices;
using System.Text;
using EbpfPs.Bpf;

namespace EbpfPs.Probes;

/// <summary>
/// Wildcard patterns over process names, as one automaton of at most 64 states that the kernel runs
/// (names_* in bpf/include/filter.bpf.h). A pattern may have <c>*</c>, <c>?</c>, <c>[a-z]</c> and a backtick
/// before a character that stands for itself. ASCII letters match in either case, as PowerShell's do; others as
/// they are, since the kernel knows no alphabet.
/// </summary>
internal sealed class NameMatcher
{
    /// <summary>The kernel keeps 15 bytes of a name.</summary>
    private const int LongestName = 15;

    private readonly ulong[] _accept = new ulong[256];
    private int _states;
    private ulong _stayAny;
    private ulong _stayContinuation;
    private ulong _start;
    private ulong _final;

    private NameMatcher()
    {
    }

    /// <summary>Compiles patterns; a name matches when one of them does.</summary>
    /// <exception cref="EbpfException">A pattern is malformed, or all together are too long.</exception>
    public static NameMatcher Compile(IEnumerable<string> patterns)
    {
        NameMatcher matcher = new();
        foreach (string pattern in patterns)
        {
            matcher.Add(pattern);
        }

        return matcher;
    }

    /// <summary>Sets the automaton in an object's variables.</summary>
    public void Configure(OpenedBpfObject obj)
    {
        obj.SetVariable("names_accept", MemoryMarshal.AsBytes<ulong>(_accept));
        obj.SetVariable("names_stay_any", _stayAny);
        obj.SetVariable("names_stay_continuation", _stayContinuation);
        obj.SetVariable("names_start", _start);
        obj.SetVariable("names_final", _final);
    }

    /// <summary>Runs the automaton here, for processes that were there before the session.</summary>
    public bool Matches(ReadOnlySpan<byte> name)
    {
        ulong states = _start;
        foreach (byte c in name)
        {
            ulong stay = _stayAny | ((c & 0xc0) == 0x80 ? _stayContinuation : 0);
            states = ((states << 1) & _accept[c]) | (states & stay);
        }

        return (states & _final) != 0;
    }

    private void Add(string pattern)
    {
        bool literal = pattern.IndexOfAny(['*', '?', '[', '`']) < 0;
        byte[] bytes = Encoding.UTF8.GetBytes(pattern);
        if (literal && bytes.Length > LongestName)
        {
            // The name as the kernel has it: cut.
            bytes = bytes[..LongestName];
        }

        int state = NewState(pattern);
        _start |= 1UL << state;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte c = bytes[i];
            if (c == '*')
            {
                _stayAny |= 1UL << state;
                continue;
            }

            state = NewState(pattern);
            ulong bit = 1UL << state;
            switch (c)
            {
                case (byte)'?':
                    AcceptRange(0, 0x7f, bit);
                    AcceptRange(0xc0, 0xff, bit);
                    _stayContinuation |= bit;
                    break;
                case (byte)'[':
                    i = AddSet(pattern, bytes, i + 1, bit);
                    break;
                case (byte)'`' when i + 1 < bytes.Length:
                    Accept(bytes[++i], bit);
                    break;
                default:
                    Accept(c, bit);
                    break;
            }
        }

        _final |= 1UL << state;
    }

    /// <summary>Reads a set from behind its <c>[</c>; a <c>]</c> that comes first stands for itself.</summary>
    /// <returns>Where the set ends.</returns>
    private int AddSet(string pattern, byte[] bytes, int first, ulong bit)
    {
        for (int i = first; i < bytes.Length; i++)
        {
            if (bytes[i] == ']' && i > first)
            {
                return i;
            }

            byte from = Member(pattern, bytes, ref i), to = from;
            if (i + 2 < bytes.Length && bytes[i + 1] == '-' && bytes[i + 2] != ']')
            {
                i += 2;
                to = Member(pattern, bytes, ref i);
            }

            if (to < from)
            {
                throw Malformed(pattern, $"the range {(char)from}-{(char)to} ends before it begins.");
            }

            for (int c = from; c <= to; c++)
            {
                Accept((byte)c, bit);
            }
        }

        throw Malformed(pattern, "it has a [ without an end.");
    }

    private static byte Member(string pattern, byte[] bytes, ref int i)
    {
        if (bytes[i] == '`' && i + 1 < bytes.Length)
        {
            i++;
        }

        return bytes[i] < 0x80 ? bytes[i] : throw Malformed(pattern, "a set [...] may have ASCII characters only.");
    }

    private int NewState(string pattern) =>
        _states < 64 ? _states++ : throw Malformed(pattern, "all patterns together may have 64 characters, and each counts one more than it has.");

    private void Accept(byte c, ulong bit)
    {
        _accept[c] |= bit;
        if (char.IsAsciiLetter((char)c))
        {
            _accept[c ^ 0x20] |= bit;
        }
    }

    private void AcceptRange(int from, int to, ulong bit)
    {
        for (int c = from; c <= to; c++)
        {
            _accept[c] |= bit;
        }
    }

    private static EbpfException Malformed(string pattern, string reason) =>
        SessionOptions.Invalid($"The name pattern '{pattern}' can't be used: {reason}", "about_Wildcards describes patterns.", pattern);
}
