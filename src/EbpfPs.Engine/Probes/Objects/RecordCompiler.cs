using System.Reflection;
using System.Reflection.Emit;

namespace EbpfPs.Probes;

/// <summary>
/// Makes a .NET type of a record's fields, and the code that fills it: straight reads at fixed offsets, without any
/// reflection for a record.
/// </summary>
internal static class RecordCompiler
{
    private static readonly ConstructorInfo _baseConstructor =
        typeof(ObjectRecord).GetConstructor(BindingFlags.NonPublic | BindingFlags.Instance, [])!;

    private static int _assemblies;

    /// <summary>Makes the type, the enumerations that it needs, and its decoder.</summary>
    /// <param name="name">The type's full name.</param>
    /// <param name="fields">The record's fields.</param>
    public static (Type Type, RecordDecoder Decode) Compile(string name, IReadOnlyList<RecordField> fields)
    {
        AssemblyName assemblyName = new($"EbpfPs.Objects.{Interlocked.Increment(ref _assemblies)}");
        ModuleBuilder module = AssemblyBuilder.DefineDynamicAssembly(assemblyName, AssemblyBuilderAccess.RunAndCollect).DefineDynamicModule("Records");
        return Compile(new RecordTypes(module), name, fields);
    }

    /// <summary>The same for a struct that is an array's element, in the module of the record.</summary>
    internal static (Type Type, RecordDecoder Decode) Compile(RecordTypes types, string name, IReadOnlyList<RecordField> fields)
    {
        // Members keep their names; what is told beside them, like the nanoseconds of a time, takes another where it must.
        HashSet<string> names = fields.Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<RecordProperty> properties = fields
            .SelectMany(field => RecordProperty.Of(field, name, types)
                .Select(property => property.Name == field.Name ? property : property with { Name = RecordField.Unused(names, property.Name) }))
            .ToList();
        TypeBuilder builder = types.Module.DefineType(
            types.Unused(name),
            TypeAttributes.Public | TypeAttributes.Sealed | TypeAttributes.Class | TypeAttributes.BeforeFieldInit,
            typeof(ObjectRecord));
        ILGenerator constructor = builder.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, []).GetILGenerator();
        constructor.Emit(OpCodes.Ldarg_0);
        constructor.Emit(OpCodes.Call, _baseConstructor);
        constructor.Emit(OpCodes.Ret);
        for (int i = 0; i < properties.Count; i++)
        {
            DefineProperty(builder, properties[i], i);
        }

        Type type = builder.CreateType();
        return (type, Decoder(type, properties));
    }

    private static string FieldName(int index) => $"_{index}";

    private static void DefineProperty(TypeBuilder builder, RecordProperty property, int index)
    {
        FieldBuilder field = builder.DefineField(FieldName(index), property.Type, FieldAttributes.Private);
        MethodBuilder getter = builder.DefineMethod(
            "get_" + property.Name, MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.SpecialName, property.Type, []);
        ILGenerator code = getter.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldfld, field);
        code.Emit(OpCodes.Ret);
        builder.DefineProperty(property.Name, PropertyAttributes.None, property.Type, null).SetGetMethod(getter);
    }

    private static RecordDecoder Decoder(Type type, List<RecordProperty> properties)
    {
        // The constants come first: a delegate closes over its first argument.
        List<object> constants = [];
        DynamicMethod method = new("Decode", typeof(ObjectRecord), [typeof(object[]), typeof(ReadOnlySpan<byte>), typeof(RecordContext)], typeof(RecordCompiler).Module, skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        code.Emit(OpCodes.Newobj, type.GetConstructor([])!);
        for (int i = 0; i < properties.Count; i++)
        {
            code.Emit(OpCodes.Dup);
            properties[i].Read(new RecordCode(code, constants));
            code.Emit(OpCodes.Stfld, type.GetField(FieldName(i), BindingFlags.NonPublic | BindingFlags.Instance)!);
        }

        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<RecordDecoder>(constants.ToArray());
    }
}
