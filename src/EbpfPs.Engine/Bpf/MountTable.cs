namespace EbpfPs.Bpf;

/// <summary>What is mounted where, as this process sees it: proc_pid_mountinfo(5).</summary>
internal static class MountTable
{
    /// <summary>The first place where a file system of a type is mounted; null when there is none.</summary>
    public static string? Find(string type) => Find(type, File.ReadLines("/proc/self/mountinfo"));

    /// <summary>Every place where a file system of a type is mounted.</summary>
    public static IEnumerable<string> FindAll(string type) => FindAll(type, File.ReadLines("/proc/self/mountinfo")).Distinct();

    /// <summary>The first place, in lines of such a file.</summary>
    public static string? Find(string type, IEnumerable<string> lines) => FindAll(type, lines).FirstOrDefault();

    private static IEnumerable<string> FindAll(string type, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            // The mount point is the fifth field, spaces in it as \040; the type follows a lone hyphen.
            string[] fields = line.Split(' ');
            int hyphen = Array.IndexOf(fields, "-");
            if (hyphen > 0 && fields[hyphen + 1] == type)
            {
                yield return fields[4].Replace("\\040", " ", StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Whether the kernel knows a file system: /proc/filesystems.</summary>
    public static bool Knows(string type) =>
        File.ReadLines("/proc/filesystems").Any(line => line.EndsWith("\t" + type, StringComparison.Ordinal));
}
