namespace EbpfPs.KernelTests.Host;

/// <summary>
/// Where other users can read the test program: its own folder, or a copy under the temporary folder when the
/// repository is where only root may look, such as /root.
/// </summary>
internal static class HostFolder
{
    private const UnixFileMode EverybodyMayPass = UnixFileMode.OtherExecute;

    private static readonly Lazy<string> _assembly = new(Find);

    /// <summary>Path of the test program that every user can read.</summary>
    public static string Assembly => _assembly.Value;

    private static string Find()
    {
        string own = typeof(HostFolder).Assembly.Location;
        for (DirectoryInfo? folder = Directory.GetParent(own); folder is not null; folder = folder.Parent)
        {
            if ((folder.UnixFileMode & EverybodyMayPass) == 0)
            {
                return Path.Combine(Copy(AppContext.BaseDirectory), Path.GetFileName(own));
            }
        }

        return own;
    }

    private static string Copy(string folder)
    {
        DirectoryInfo copy = Directory.CreateTempSubdirectory("ebpfps-host-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => copy.Delete(recursive: true);
        copy.UnixFileMode |= UnixFileMode.OtherRead | EverybodyMayPass;
        Workload copying = Workload.Run("/bin/sh", "-c", $"cp -R '{folder}/.' '{copy.FullName}' && chmod -R a+rX '{copy.FullName}'");
        if (copying.ExitCode != 0)
        {
            throw new IOException(copying.Error);
        }

        return copy.FullName;
    }
}
