using System.Text;

namespace EbpfPs.Bpf;

/// <content>Which structs may be what a program writes into a buffer.</content>
public sealed partial class Btf
{
    /// <summary>No types at all: an object that was compiled without -g.</summary>
    internal static Btf Empty { get; } = new([], [0]);

    /// <summary>Finds a struct, a union or a type definition of one by its name.</summary>
    /// <param name="name">As C writes it, with or without <c>struct</c>.</param>
    /// <returns>The type, or null.</returns>
    /// <exception cref="EbpfException">The type can't be read.</exception>
    public BtfStruct? FindRecord(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string tag = name[(name.LastIndexOf(' ') + 1)..];
        for (int id = 1; id < _offsets.Count; id++)
        {
            if (KindOf(id) is Kind.Struct or Kind.Union or Kind.Typedef && NameOf(id) == tag && TypeOf(id) is BtfStruct found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>
    /// The structs that may be a record: those with a name and members that are no map's key or value, no program's
    /// context, and no part of another struct that is left.
    /// </summary>
    /// <param name="used">The numbers of types that are something else: keys, values, types of the kernel.</param>
    /// <param name="programs">The programs' names.</param>
    /// <exception cref="EbpfException">The types refer to what is not there.</exception>
    internal IReadOnlyList<BtfStruct> RecordCandidates(IEnumerable<int> used, IReadOnlyCollection<string> programs)
    {
        HashSet<int> others = [];
        foreach (int id in used.Concat(ContextsOf(programs)).Concat(Variables()))
        {
            Collect(id, others, Deepest);
        }

        int[] left = Enumerable.Range(1, _offsets.Count - 1)
            .Where(id => KindOf(id) == Kind.Struct && NameOf(id).Length > 0 && Length(_offsets[id]) > 0 && !others.Contains(id))
            .ToArray();
        HashSet<int> parts = [];
        foreach (int id in left)
        {
            foreach (int member in MembersOf(id).Select(member => member.Type))
            {
                Collect(member, parts, Deepest);
            }
        }

        return left.Where(id => !parts.Contains(id)).Select(TypeOf).OfType<BtfStruct>().DistinctBy(type => type.Text).ToArray();
    }

    /// <summary>Those of some names that structs have.</summary>
    internal HashSet<string> StructsAmong(IReadOnlyCollection<string> names)
    {
        (string Name, byte[] Bytes)[] wanted = names.Select(name => (name, Encoding.UTF8.GetBytes(name + '\0'))).ToArray();
        HashSet<string> found = [];
        for (int id = 1; id < _offsets.Count; id++)
        {
            if (KindOf(id) == Kind.Struct && Int(_offsets[id]) is int at && (uint)at < (uint)_strings.Length)
            {
                // No text is made of a hundred thousand names.
                foreach ((string name, byte[] bytes) in wanted)
                {
                    if (_strings.AsSpan(at).StartsWith(bytes))
                    {
                        found.Add(name);
                    }
                }
            }
        }

        return found;
    }

    /// <summary>The sections with variables; the fields are the variables.</summary>
    /// <exception cref="EbpfException">The types can't be read.</exception>
    public IReadOnlyList<BtfStruct> Sections() =>
        Enumerable.Range(1, _offsets.Count - 1).Where(id => KindOf(id) == Kind.Datasec).Select(TypeOf).OfType<BtfStruct>().ToArray();

    /// <summary>What a program's function takes is its context, and no record.</summary>
    private IEnumerable<int> ContextsOf(IReadOnlyCollection<string> programs)
    {
        for (int id = 1; id < _offsets.Count; id++)
        {
            if (KindOf(id) != Kind.Func || !programs.Contains(NameOf(id)))
            {
                continue;
            }

            int prototype = Int(_offsets[id] + 8);
            if (prototype > 0 && prototype < _offsets.Count && KindOf(prototype) == Kind.FuncProto && Length(_offsets[prototype]) > 0)
            {
                yield return PointedTo(Int(_offsets[prototype] + TypeSize + 4));
            }
        }
    }

    /// <summary>
    /// The types of variables, the definitions of maps among them. What a variable only points to is not: a pointer that
    /// nobody uses is how authors keep a record's type in an object.
    /// </summary>
    private IEnumerable<int> Variables()
    {
        for (int id = 1; id < _offsets.Count; id++)
        {
            if (KindOf(id) == Kind.Var)
            {
                yield return Int(_offsets[id] + 8);
            }
        }
    }

    private int PointedTo(int id)
    {
        for (int steps = 0; steps < Deepest && id > 0 && id < _offsets.Count; steps++)
        {
            if (KindOf(id) is not (Kind.Ptr or Kind.Const or Kind.Volatile or Kind.Typedef or Kind.Restrict or Kind.TypeTag))
            {
                return id;
            }

            id = Int(_offsets[id] + 8);
        }

        return 0;
    }

    /// <summary>A type and what it is made of, but for what it only points to.</summary>
    private void Collect(int id, HashSet<int> found, int depth)
    {
        if (id <= 0 || id >= _offsets.Count || depth == 0 || !found.Add(id))
        {
            return;
        }

        switch (KindOf(id))
        {
            case Kind.Typedef or Kind.Const or Kind.Volatile or Kind.Restrict or Kind.TypeTag:
                Collect(Int(_offsets[id] + 8), found, depth - 1);
                break;
            case Kind.Array:
                Collect(Int(_offsets[id] + TypeSize), found, depth - 1);
                break;
            case Kind.Struct or Kind.Union:
                foreach (int member in MembersOf(id).Select(member => member.Type))
                {
                    Collect(member, found, depth - 1);
                }

                break;
        }
    }
}
