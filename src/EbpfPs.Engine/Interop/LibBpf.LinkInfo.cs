using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <content>What the kernel tells of links.</content>
internal static unsafe partial class LibBpf
{
    /// <summary>
    /// <c>struct bpf_link_info</c> (include/uapi/linux/bpf.h): behind the first three members each type of link has its
    /// own. Longer than any kernel's; what a kernel doesn't know stays zero.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct LinkInfo
    {
        [FieldOffset(0)]
        public uint Type;

        [FieldOffset(4)]
        public uint Id;

        [FieldOffset(8)]
        public uint ProgramId;

        /// <summary>Of raw tracepoints and iterators: where the kernel puts the name.</summary>
        [FieldOffset(16)]
        public nint Name;

        [FieldOffset(24)]
        public uint NameLength;

        /// <summary>Of iterators over a map.</summary>
        [FieldOffset(28)]
        public uint IteratorMap;

        /// <summary>Of XDP, tcx and netkit.</summary>
        [FieldOffset(16)]
        public uint InterfaceIndex;

        /// <summary>Of network namespaces.</summary>
        [FieldOffset(16)]
        public uint NamespaceInode;

        /// <summary>Of tcx, netkit, network namespaces and socket maps.</summary>
        [FieldOffset(20)]
        public uint AttachType;

        /// <summary>Of struct_ops and socket maps.</summary>
        [FieldOffset(16)]
        public uint MapId;

        [FieldOffset(16)]
        public uint TracingAttachType;

        /// <summary>The id of the types' object; of an extension, of the program.</summary>
        [FieldOffset(20)]
        public uint TracingObject;

        [FieldOffset(24)]
        public uint TracingType;

        [FieldOffset(16)]
        public ulong CgroupId;

        [FieldOffset(24)]
        public uint CgroupAttachType;

        [FieldOffset(16)]
        public uint NetfilterFamily;

        [FieldOffset(20)]
        public uint NetfilterHook;

        [FieldOffset(24)]
        public int NetfilterPriority;

        /// <summary>Of links to several kernel functions.</summary>
        [FieldOffset(24)]
        public uint FunctionCount;

        /// <summary>Of links to several places of a file: where the kernel puts its path.</summary>
        [FieldOffset(16)]
        public nint Path;

        [FieldOffset(48)]
        public uint PathLength;

        [FieldOffset(52)]
        public uint PlaceCount;

        /// <summary>Of perf events, from Linux 6.6: <c>enum bpf_perf_event_type</c>.</summary>
        [FieldOffset(16)]
        public uint PerfType;

        /// <summary>Where the kernel puts the name of a tracepoint, a function or a file.</summary>
        [FieldOffset(24)]
        public nint PerfName;

        [FieldOffset(32)]
        public uint PerfNameLength;

        /// <summary>From the start of the function or file.</summary>
        [FieldOffset(36)]
        public uint PerfOffset;

        /// <summary>Of an event: config and type of perf_event_open(2).</summary>
        [FieldOffset(24)]
        public ulong EventConfig;

        [FieldOffset(32)]
        public uint EventType;
    }
}
