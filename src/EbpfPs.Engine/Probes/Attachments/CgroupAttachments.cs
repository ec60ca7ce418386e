using EbpfPs.Bpf;
using EbpfPs.Interop;

namespace EbpfPs.Probes;

/// <summary>Programs at the cgroups v2 that this process sees, by BPF_PROG_QUERY. Those of a parent, which run for its children too, are told once.</summary>
internal static class CgroupAttachments
{
    /// <summary>BPF_F_ALLOW_OVERRIDE and BPF_F_ALLOW_MULTI.</summary>
    private const uint Override = 1, Multi = 2;

    private static readonly BpfAttachType[] _hooks =
        [.. Enum.GetValues<BpfAttachType>().Where(hook => hook == BpfAttachType.LsmCgroup || hook.ToString().StartsWith("Cgroup", StringComparison.Ordinal))];

    /// <summary>All of them, those with links too.</summary>
    /// <exception cref="EbpfException">The kernel refused.</exception>
    public static IEnumerable<Attachment> All()
    {
        if (Cgroups.MountPoint is not string top)
        {
            yield break;
        }

        List<BpfAttachType> known = [.. _hooks];
        foreach (string folder in CgroupTree.Folders(top).Prepend(top))
        {
            int cgroup = LibC.open(folder, LibC.O_DIRECTORY | LibC.O_CLOEXEC);
            if (cgroup < 0)
            {
                // It was removed meanwhile.
                continue;
            }

            using FileDescriptor open = new(cgroup, "");
            foreach (Attachment found in At(open.Number, folder, known))
            {
                yield return found;
            }
        }
    }

    private static List<Attachment> At(int cgroup, string folder, List<BpfAttachType> known)
    {
        List<Attachment> found = [];
        foreach (BpfAttachType hook in known.ToArray())
        {
            if (ProgramQuery.Programs(cgroup, hook, out uint flags) is not uint[] programs)
            {
                // This kernel hasn't the hook, at this cgroup or at any.
                known.Remove(hook);
                continue;
            }

            if (programs.Length > 0 && CgroupTree.IdOf(folder) is ulong id)
            {
                LinkTarget target = new(Cgroups.PathOf(id), hook) { CgroupId = id };
                string mode = flags switch { Multi => "multi", Override => "override", _ => "" };
                found.AddRange(programs.Select(program => new Attachment(BpfLinkType.Cgroup, (int)program, target, mode)));
            }
        }

        return found;
    }
}
