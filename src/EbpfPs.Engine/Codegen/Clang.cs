using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EbpfPs.Interop;

namespace EbpfPs.Codegen;

/// <summary>The C compiler that makes eBPF objects: clang of the PATH, or the newest clang-NN there.</summary>
internal static class Clang
{
    private static readonly string[] _flags =
    [
        "-target", "bpf", "-g", "-O2", "-mcpu=v3", "-Wall", "-Wno-unused-function", "-Wno-compare-distinct-pointer-types",
        "-Wno-missing-declarations", "-Wno-gnu-variable-sized-type-not-at-end", "-fno-color-diagnostics", "-fno-caret-diagnostics", "-fno-diagnostics-fixit-info",
    ];

    /// <summary>The folder with libbpf's headers and this project's own.</summary>
    public static string HeaderFolder { get; } = Path.Combine(EngineFolder.FullPath, "headers");

    /// <summary>Where the compiler is.</summary>
    /// <param name="path">The folders to look in, as PATH has them.</param>
    /// <exception cref="EbpfException">It is not installed.</exception>
    public static string Find(string? path)
    {
        string[] folders = (path ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Directory.Exists).ToArray();
        return folders.Select(folder => Path.Combine(folder, "clang")).FirstOrDefault(File.Exists)
            ?? folders.SelectMany(folder => Directory.EnumerateFiles(folder, "clang-*"))
                .Select(file => (File: file, Version: Number(file)))
                .Where(found => found.Version > 0)
                .OrderByDescending(found => found.Version)
                .Select(found => found.File)
                .FirstOrDefault()
            ?? throw new EbpfException(
                EbpfErrorId.CompilerMissing,
                "C can't be compiled here: clang is not on the PATH.",
                "Install the package clang (apt install clang, dnf install clang), or compile elsewhere and use -Path.",
                target: "clang");
    }

    /// <summary>Compiles a source.</summary>
    /// <param name="source">What is compiled; its first line says under which name.</param>
    /// <param name="folder">A folder for the object.</param>
    /// <param name="arguments">What else the compiler is told.</param>
    /// <param name="cancellation">Ends the compiler.</param>
    /// <returns>The object, or null, and what the compiler printed.</returns>
    public static (byte[]? Image, string Printed) Compile(string source, string folder, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        string output = Path.Combine(folder, "source.bpf.o");
        ProcessStartInfo start = new(Find(Environment.GetEnvironmentVariable("PATH")))
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["LC_ALL"] = "C";
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x86";
        string multiarch = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        foreach (string argument in _flags
            .Concat(["-D__TARGET_ARCH_" + architecture, "-I" + HeaderFolder, "-I" + KernelHeader.Folder()])
            .Concat(arguments)
            .Concat(["-idirafter", "/usr/include/" + multiarch, "-x", "c", "-c", "-", "-o", output]))
        {
            start.ArgumentList.Add(argument);
        }

        using Process clang = Process.Start(start)!;
        using CancellationTokenRegistration stop = cancellation.Register(() => clang.Kill(entireProcessTree: true));
        Task<string> errors = clang.StandardError.ReadToEndAsync(CancellationToken.None);
        Task<string> other = clang.StandardOutput.ReadToEndAsync(CancellationToken.None);
        try
        {
            clang.StandardInput.Write(source);
            clang.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything, and says why.
        }

        clang.WaitForExit();
        string printed = errors.GetAwaiter().GetResult() + other.GetAwaiter().GetResult();
        cancellation.ThrowIfCancellationRequested();
        return (clang.ExitCode == 0 ? File.ReadAllBytes(output) : null, printed);
    }

    private static int Number(string file) =>
        int.TryParse(Path.GetFileName(file)["clang-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : 0;
}
