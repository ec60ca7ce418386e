using System.Reflection;
using System.Reflection.Emit;

namespace EbpfPs.Probes;

/// <summary>Emits calls of <see cref="RecordReading"/>; what is read stays on the stack.</summary>
/// <param name="code">Where the instructions go.</param>
/// <param name="constants">The objects that the decoder refers to; it finds them by their place here.</param>
internal sealed class RecordCode(ILGenerator code, List<object> constants)
{
    /// <summary>Stands for the record's bytes in a call.</summary>
    public static readonly object Record = new();

    /// <summary>Stands for the context in a call.</summary>
    public static readonly object Context = new();

    /// <summary>Stands for what is on the stack already, as the first argument.</summary>
    public static readonly object OnStack = new();

    /// <summary>Calls a function.</summary>
    /// <param name="name">Its name in <see cref="RecordReading"/>.</param>
    /// <param name="types">Its type arguments; none for a function without.</param>
    /// <param name="arguments">Numbers, truth values, one of the placeholders, or an object.</param>
    public void Call(string name, Type[] types, params object[] arguments)
    {
        MethodInfo method = typeof(RecordReading).GetMethod(name)!;
        method = types.Length > 0 ? method.MakeGenericMethod(types) : method;
        foreach ((object argument, ParameterInfo parameter) in arguments.Zip(method.GetParameters()))
        {
            Push(argument, parameter.ParameterType);
        }

        code.Emit(OpCodes.Call, method);
    }

    /// <summary>Converts a number on the stack; truth values are numbers there.</summary>
    public void Convert(Type type)
    {
        switch (Type.GetTypeCode(type))
        {
            case TypeCode.Boolean:
                code.Emit(OpCodes.Ldc_I8, 0L);
                code.Emit(OpCodes.Cgt_Un);
                break;
            case TypeCode.SByte:
                code.Emit(OpCodes.Conv_I1);
                break;
            case TypeCode.Byte:
                code.Emit(OpCodes.Conv_U1);
                break;
            case TypeCode.Int16:
                code.Emit(OpCodes.Conv_I2);
                break;
            case TypeCode.UInt16:
                code.Emit(OpCodes.Conv_U2);
                break;
            case TypeCode.Int32:
                code.Emit(OpCodes.Conv_I4);
                break;
            case TypeCode.UInt32:
                code.Emit(OpCodes.Conv_U4);
                break;
            default:
                code.Emit(OpCodes.Conv_I8);
                break;
        }
    }

    /// <summary>Widens a number on the stack, whose type is given, to 64 bits.</summary>
    public void Widen(bool signed) => code.Emit(signed ? OpCodes.Conv_I8 : OpCodes.Conv_U8);

    private void Push(object argument, Type type)
    {
        switch (argument)
        {
            case int number:
                code.Emit(OpCodes.Ldc_I4, number);
                break;
            case bool flag:
                code.Emit(flag ? OpCodes.Ldc_I4_1 : OpCodes.Ldc_I4_0);
                break;
            case Action push:
                push();
                break;
            case object placeholder when placeholder == Record:
                code.Emit(OpCodes.Ldarg_1);
                break;
            case object placeholder when placeholder == Context:
                code.Emit(OpCodes.Ldarg_2);
                break;
            case object placeholder when placeholder == OnStack:
                break;
            default:
                code.Emit(OpCodes.Ldarg_0);
                code.Emit(OpCodes.Ldc_I4, constants.Count);
                code.Emit(OpCodes.Ldelem_Ref);
                code.Emit(OpCodes.Castclass, type);
                constants.Add(argument);
                break;
        }
    }
}
