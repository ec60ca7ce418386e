using System.Runtime.InteropServices;

namespace EbpfPs.Interop;

/// <summary>
/// What the kernel tells of programs, maps, links and types by their descriptors: BPF_OBJ_GET_INFO_BY_FD of bpf(2). A
/// kernel that knows less leaves the rest zero; one that knows more cuts.
/// </summary>
internal static unsafe partial class LibBpf
{
    [LibraryImport(Library)]
    public static partial int bpf_obj_get_info_by_fd(int fd, ref ProgramInfo info, ref uint length);

    [LibraryImport(Library)]
    public static partial int bpf_obj_get_info_by_fd(int fd, ref MapInfo info, ref uint length);

    [LibraryImport(Library)]
    public static partial int bpf_obj_get_info_by_fd(int fd, ref LinkInfo info, ref uint length);

    [LibraryImport(Library)]
    public static partial int bpf_obj_get_info_by_fd(int fd, ref BtfInfo info, ref uint length);

    /// <summary><c>struct bpf_map_info</c> (include/uapi/linux/bpf.h) up to map_extra.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MapInfo
    {
        public uint Type;
        public uint Id;
        public uint KeySize;
        public uint ValueSize;
        public uint MaxEntries;
        public uint Flags;
        public NameBytes Name;
        public uint InterfaceIndex;
        public uint KernelValueType;
        public ulong NamespaceDevice;
        public ulong NamespaceInode;
        public uint BtfId;
        public uint KeyType;
        public uint ValueType;
        public uint KernelBtfId;
        public ulong Extra;
    }

    /// <summary>
    /// <c>struct bpf_prog_info</c> up to attach_btf_id. Pointers and counts of tables go in and come out; recursion_misses
    /// came with Linux 5.12, verified_insns with 5.16.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 232)]
    public struct ProgramInfo
    {
        /// <summary>How long the kernel's structure must be for it to count misses.</summary>
        public const int RecursionMissesEnd = 216;

        /// <summary>How long the kernel's structure must be for it to tell of verified instructions.</summary>
        public const int VerifiedInstructionsEnd = 220;

        [FieldOffset(0)]
        public uint Type;

        [FieldOffset(4)]
        public uint Id;

        [FieldOffset(8)]
        public ulong Tag;

        [FieldOffset(16)]
        public uint CompiledLength;

        [FieldOffset(20)]
        public uint TranslatedLength;

        [FieldOffset(32)]
        public nint Translated;

        [FieldOffset(40)]
        public ulong LoadTime;

        [FieldOffset(48)]
        public uint UserId;

        [FieldOffset(52)]
        public uint MapIdCount;

        [FieldOffset(56)]
        public nint MapIds;

        [FieldOffset(64)]
        public NameBytes Name;

        [FieldOffset(80)]
        public uint InterfaceIndex;

        [FieldOffset(84)]
        public uint GplCompatible;

        [FieldOffset(128)]
        public uint BtfId;

        [FieldOffset(132)]
        public uint FunctionInfoSize;

        [FieldOffset(136)]
        public nint FunctionInfo;

        [FieldOffset(144)]
        public uint FunctionInfoCount;

        [FieldOffset(148)]
        public uint LineInfoCount;

        [FieldOffset(152)]
        public nint LineInfo;

        [FieldOffset(172)]
        public uint LineInfoSize;

        [FieldOffset(192)]
        public ulong RunTimeNs;

        [FieldOffset(200)]
        public ulong RunCount;

        [FieldOffset(208)]
        public ulong RecursionMisses;

        [FieldOffset(216)]
        public uint VerifiedInstructions;

        [FieldOffset(220)]
        public uint AttachBtfObject;

        [FieldOffset(224)]
        public uint AttachBtfType;
    }

    /// <summary><c>struct bpf_btf_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct BtfInfo
    {
        public nint Data;
        public uint Size;
        public uint Id;
        public nint Name;
        public uint NameLength;
        public uint IsKernel;
    }

    /// <summary>A name as the kernel keeps it: up to 15 bytes and a NUL.</summary>
    [System.Runtime.CompilerServices.InlineArray(16)]
    public struct NameBytes
    {
        private byte _first;
    }
}
