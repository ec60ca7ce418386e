namespace EbpfPs.Bpf;

/// <content>
/// What libbpf 1.1 believes without looking (later versions check it themselves, since 1.3 in btf_sanity_check): that what
/// types refer to is there and of the right kind, and that no chain of qualifiers comes back to its start.
/// </content>
public sealed partial class Btf
{
    /// <summary>Refuses types that would lead a reader astray.</summary>
    /// <exception cref="EbpfException">One refers to what is not there, or to itself.</exception>
    internal void Check()
    {
        try
        {
            for (int id = 1; id < _offsets.Count; id++)
            {
                CheckType(id);
            }
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw NotBtf(error);
        }
    }

    private void CheckType(int id)
    {
        int at = _offsets[id];
        Text(Int(at));
        switch (KindOf(id))
        {
            case Kind.Int or Kind.Float or Kind.Fwd:
                break;
            case Kind.Ptr:
                CheckReference(id, Int(at + 8));
                break;
            case Kind.Typedef or Kind.Volatile or Kind.Const or Kind.Restrict or Kind.TypeTag:
                CheckReference(id, Int(at + 8));
                CheckChain(id);
                break;
            case Kind.Var or Kind.DeclTag:
                CheckReference(id, Int(at + 8));
                break;
            case Kind.Func:
                int prototype = Int(at + 8);
                Require(id, IsType(prototype) && KindOf(prototype) == Kind.FuncProto, "has no prototype");
                break;
            case Kind.Array:
                CheckReference(id, Int(at + TypeSize));
                CheckReference(id, Int(at + TypeSize + 4));
                Require(id, Int(at + TypeSize) != id && !HoldsItself(id), "holds itself");
                break;
            case Kind.Struct or Kind.Union:
                CheckEntries(id, 12, 4);
                Require(id, !HoldsItself(id), "holds itself");
                break;
            case Kind.FuncProto:
                CheckReference(id, Int(at + 8));
                CheckEntries(id, 8, 4);
                break;
            case Kind.Enum or Kind.Enum64:
                CheckEntries(id, KindOf(id) == Kind.Enum ? 8 : 12, -1);
                break;
            case Kind.Datasec:
                CheckSection(id);
                break;
            default:
                throw BadType(id, "is of an unknown kind");
        }
    }

    private void CheckEntries(int id, int size, int reference)
    {
        int at = _offsets[id] + TypeSize;
        for (int i = 0; i < Length(_offsets[id]); i++, at += size)
        {
            Text(Int(at));
            if (reference >= 0)
            {
                CheckReference(id, Int(at + reference));
            }
        }
    }

    private void CheckSection(int id)
    {
        int at = _offsets[id] + TypeSize;
        for (int i = 0; i < Length(_offsets[id]); i++, at += 12)
        {
            int variable = Int(at);
            Require(id, IsType(variable) && variable > 0 && KindOf(variable) is Kind.Var or Kind.Func, "is a section of what are no variables");
        }
    }

    private bool IsType(int id) => (uint)id < (uint)_offsets.Count;

    private void CheckReference(int id, int target) => Require(id, IsType(target), "refers to a type that doesn't exist");

    private void CheckChain(int id)
    {
        int next = id;
        for (int steps = 0; steps < Deepest; steps++)
        {
            if (!IsType(next) || next == 0 || KindOf(next) is not (Kind.Typedef or Kind.Volatile or Kind.Const or Kind.Restrict or Kind.TypeTag))
            {
                return;
            }

            next = Int(_offsets[next] + 8);
        }

        throw BadType(id, "refers to itself, or through too many others");
    }

    /// <summary>Whether a type is a part of itself, or its parts lie too deep.</summary>
    private bool HoldsItself(int id) => IsIn(id, id, Deepest, []);

    private bool IsIn(int wanted, int id, int depth, HashSet<int> seen)
    {
        if (!IsType(id) || id == 0 || !seen.Add(id))
        {
            return false;
        }

        if (depth == 0)
        {
            return true;
        }

        IEnumerable<int> parts = KindOf(id) switch
        {
            Kind.Typedef or Kind.Volatile or Kind.Const or Kind.Restrict or Kind.TypeTag => [Int(_offsets[id] + 8)],
            Kind.Array => [Int(_offsets[id] + TypeSize)],
            Kind.Struct or Kind.Union => MembersOf(id).Select(member => member.Type),
            _ => [],
        };
        return parts.Any(part => part == wanted || IsIn(wanted, part, depth - 1, seen));
    }

    private static void Require(int id, bool holds, string complaint)
    {
        if (!holds)
        {
            throw BadType(id, complaint);
        }
    }
}
