namespace EbpfPs.Bpf;

/// <summary>What a type is: <c>BTF_KIND_</c> of Documentation/bpf/btf.rst, with the kernel's numbers.</summary>
public enum BtfKind
{
#pragma warning disable CS1591 // The page describes each.
    Void, Int, Pointer, Array, Struct, Union, Enum, Forward, Typedef, Volatile, Const, Restrict, Function,
    FunctionPrototype, Variable, Section, Float, DeclarationTag, TypeTag, Enum64,
#pragma warning restore CS1591
}
