using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// Loads one program of bpf/support.bpf.c, attaches it, and takes it out again at once.
/// </summary>
/// <param name="program">The program's name.</param>
internal sealed class ProgramTrial(string program)
{
    /// <summary>The stem of the object's file.</summary>
    public const string ObjectName = "support";

    private static readonly string[] _maps = ["ring", "by_task"];

    /// <summary>The maps that the program uses.</summary>
    public string[] Maps { get; init; } = [];

    /// <summary>The capabilities that loading takes.</summary>
    public Privileges Needs { get; init; } = Privileges.Tracing;

    /// <summary>The capabilities that attaching takes on top.</summary>
    public Privileges AttachNeeds { get; init; }

    /// <summary>The options of the kernel's configuration that it stands on.</summary>
    public string[] Options { get; init; } = [];

    /// <summary>What to say beside the remedy, for people who can't follow it.</summary>
    public string Instead { get; init; } = "";

    /// <summary>How to attach it; null leaves it at loading.</summary>
    public Func<BpfProgram, BpfLink>? Attach { get; init; } = program => program.Attach();

    /// <summary>What else to look at once it is loaded and attached.</summary>
    public Func<BpfProgram, Finding>? Look { get; init; }

    /// <summary>Tries it.</summary>
    /// <param name="since">The first version of Linux that has it, for the remedy.</param>
    public Finding Run(string since)
    {
        bool attaching = false;
        try
        {
            using BpfObject loaded = Load();
            BpfProgram one = loaded.Programs[0];
            attaching = true;
            using BpfLink? link = Attach?.Invoke(one);
            return Look?.Invoke(one) ?? Finding.Yes(link is null ? "loads" : "loads and attaches");
        }
        catch (EbpfException error)
        {
            return Explain(error, attaching, since);
        }
    }

    private BpfObject Load()
    {
        using OpenedBpfObject opened = OpenedBpfObject.OpenBuiltIn(ObjectName);
        opened.LoadOnly([program]);
        foreach (string unused in _maps.Except(Maps))
        {
            opened.LeaveOutMap(unused);
        }

        return opened.Load();
    }

    private Finding Explain(EbpfException error, bool attaching, string since)
    {
        string step = attaching ? "attaching" : "loading";
        KernelConfig? config = KernelConfig.Running;
        string[] notSet = config is null ? [] : Array.FindAll(Options, option => !config.Has(option));
        string build = notSet.Length == 0 ? "" : $" This kernel was built without {string.Join(" and ", notSet)}.";
        string remedy = (notSet.Length > 0, Options.Length > 0) switch
        {
            (true, _) => $"Use a kernel built with {string.Join(" and ", notSet.Select(option => option + "=y"))}.",
            (_, true) => $"Use Linux {since} or newer, built with {string.Join(" and ", Options.Select(option => option + "=y"))}.",
            _ => $"Use Linux {since} or newer.",
        };
        switch (error.Id)
        {
            case EbpfErrorId.LibraryMissing or EbpfErrorId.InvalidObject:
                return Finding.No(error);
            case EbpfErrorId.NotSupported when error.Errno == LibBpfError.ENOSYS:
                return Refused(error, step, PrivilegeAdvice.ForMissingSyscall());
            case EbpfErrorId.NotSupported:
                return Finding.No(KernelBtf.Missing, KernelBtf.Remedy);
            case EbpfErrorId.PermissionDenied:
                return Refused(error, step, PrivilegeAdvice.Find(error.Errno, attaching ? Needs | AttachNeeds : Needs));
            case EbpfErrorId.VerifierRefused:
                return Finding.No($"The verifier refuses it: {VerifierLog.LastReason(error.VerifierLog ?? "")}{build}", Join(remedy));
            default:
                string meaning = error.Errno is LibBpfError.ENOENT or LibBpfError.ESRCH ? "the kernel has no such hook" : "the kernel can't";
                return Finding.No($"{error.ErrnoName} on {step}: {meaning}.{build}", Join(remedy));
        }
    }

    private Finding Refused(EbpfException error, string step, PrivilegeAdvice advice) =>
        Finding.No($"{error.ErrnoName} on {step}. {advice.Cause}", Join(advice.Remedy));

    private string Join(string remedy) => Instead.Length == 0 ? remedy : $"{Instead} {remedy}";
}
