using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using EbpfPs.Events;
using EbpfPs.Interop;
using Xunit;

namespace EbpfPs.KernelTests;

/// <summary>
/// Every program, map and link of the machine, as bpf(2) lists them, whoever they are of. What appeared since, and is
/// held by no process, was left behind.
/// </summary>
internal sealed class KernelCensus
{
    /// <summary>The kernel frees what a process held some grace periods after its end.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>Commands of include/uapi/linux/bpf.h: BPF_PROG_, BPF_MAP_ and BPF_LINK_GET_NEXT_ID.</summary>
    private static readonly (string Kind, int Command)[] _kinds = [("prog_id", 11), ("map_id", 12), ("link_id", 31)];

    private readonly HashSet<string> _before = Ids();

    /// <summary>Fails when something is there that was not when this census was made, and no process holds it.</summary>
    /// <param name="known">What must be gone in any case, whoever holds it: ids that a process had which has ended.</param>
    public void AssertNothingLeft(IEnumerable<string> known)
    {
        string[] gone = known.Except(_before).ToArray();
        for (DateTime end = DateTime.UtcNow + _patience; ;)
        {
            HashSet<string> now = Ids();
            string[] left = gone.Where(now.Contains).ToArray();
            string[] held = left.Length > 0 ? [] : [.. now.Except(_before)];
            if (held.Length > 0)
            {
                // Read after the ids: what is new belongs to somebody, or to nobody.
                HashSet<string> owned = HeldByProcesses();
                left = held.Where(id => !owned.Contains(id)).ToArray();
            }

            if (left.Length == 0)
            {
                return;
            }

            Assert.True(DateTime.UtcNow < end, "left in the kernel: " + string.Join(", ", left));
            Thread.Sleep(50);
        }
    }

    /// <summary>Fails where one of these is not listed now, or was so before: a census that sees nothing finds nothing left either.</summary>
    /// <param name="held">Ids of objects that some process holds.</param>
    public void AssertSees(IReadOnlyCollection<string> held)
    {
        HashSet<string> now = Ids();
        Assert.All(_kinds, kind => Assert.Contains(held, id => id.StartsWith(kind.Kind, StringComparison.Ordinal)));
        Assert.All(held, id => Assert.Contains(id, now));
        Assert.All(held, id => Assert.DoesNotContain(id, _before));
    }

    private static HashSet<string> Ids()
    {
        HashSet<string> ids = [];
        foreach ((string kind, int command) in _kinds)
        {
            for (uint id = Next(command, 0); id != 0; id = Next(command, id))
            {
                ids.Add(string.Create(CultureInfo.InvariantCulture, $"{kind} {id}"));
            }
        }

        return ids;
    }

    /// <summary>The least id above another; 0 behind the last.</summary>
    private static uint Next(int command, uint id)
    {
        byte[] attributes = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, id);
        GCHandle pinned = GCHandle.Alloc(attributes, GCHandleType.Pinned);
        try
        {
            nint result = LibC.syscall(LibC.SYS_bpf, command, pinned.AddrOfPinnedObject(), attributes.Length, 0, 0);
            if (result == 0)
            {
                return BinaryPrimitives.ReadUInt32LittleEndian(attributes.AsSpan(4));
            }

            // Anything else is no end: where bpf(2) is refused, all would seem to be gone.
            int error = Marshal.GetLastPInvokeError();
            Assert.True(error == LibBpfError.ENOENT, $"bpf({command}) above {id}: {ErrnoNames.NameOf(error)}");
            return 0;
        }
        finally
        {
            pinned.Free();
        }
    }

    private static HashSet<string> HeldByProcesses()
    {
        HashSet<string> held = [];
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int processId))
            {
                try
                {
                    held.UnionWith(HeldObjects.IdsOf(processId));
                }
                catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
                {
                    // It ended meanwhile: it holds nothing.
                    continue;
                }
            }
        }

        return held;
    }
}
