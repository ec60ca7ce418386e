using System.Runtime.InteropServices;
using EbpfPs.Events;
using EbpfPs.Interop;
using EbpfPs.Probes;

namespace EbpfPs.KernelTests;

/// <summary>Objects of tests/objects as a user would bring them, and what they are told to record.</summary>
internal static class ObjectRun
{
    /// <summary>Options for tests/objects/NAME.bpf.c.</summary>
    public static ObjectSessionOptions Options(string name, params (string Name, object? Value)[] variables)
    {
        (string stem, byte[] image) = ObjectSessionOptions.Read(Path.Combine(AppContext.BaseDirectory, "objects", name + ".bpf.o"));
        return new ObjectSessionOptions
        {
            Name = stem,
            Image = image,
            Variables = variables.ToDictionary(pair => pair.Name, pair => pair.Value),
        };
    }

    /// <summary>The properties of records, by their names.</summary>
    public static IReadOnlyDictionary<string, object?> Members(EbpfRecord record) =>
        ((ObjectRecord)record).Values().ToDictionary(pair => pair.Name, pair => pair.Value);

    /// <summary>Takes what is there.</summary>
    public static EbpfRecord[] Drain(ProbeSession session)
    {
        using EventReader reader = session.OpenReader();
        List<EbpfRecord> records = [];
        while (reader.TryRead() is EbpfRecord taken)
        {
            records.Add(taken);
        }

        return records.ToArray();
    }

    /// <summary>A syscall that nothing else of the tests makes.</summary>
    public static void GetParentId() =>
        LibC.syscall(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 110 : 173, 0, 0);
}
