using System.Collections;
using System.Management.Automation;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>Completes from the object file that -Path names on the same line.</summary>
public abstract class ObjectCompleter : LiveCompleter
{
    private protected sealed override IEnumerable<Candidate> Candidates(string word, IDictionary bound)
    {
        if (bound["Path"]?.ToString() is not { Length: > 0 } path)
        {
            return [];
        }

        // A completer has no session state: a relative path starts at the shell's own place, which -Path's does not.
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        string full = shell.AddCommand("Convert-Path").AddParameter("LiteralPath", path).Invoke<string>().FirstOrDefault() ?? path;
        (string name, byte[] image) = ObjectSessionOptions.Read(full);
        return From(ObjectContent.Read(name, image));
    }

    private protected abstract IEnumerable<Candidate> From(ObjectContent content);
}

/// <summary>The programs of an object.</summary>
public sealed class ObjectProgramCompleter : ObjectCompleter
{
    private protected override IEnumerable<Candidate> From(ObjectContent content) =>
        content.Programs.Select(program => new Candidate(program.Name, program.Name, program.Section));
}

/// <summary>The structs that an object's records can be.</summary>
public sealed class EventTypeCompleter : ObjectCompleter
{
    private protected override IEnumerable<Candidate> From(ObjectContent content) => content.EventTypes.Select(type =>
    {
        string name = type.Text[(type.Text.LastIndexOf(' ') + 1)..];
        return new Candidate(name, name, $"{type.Text} {{ {string.Join(" ", type.Fields.Select(field => $"{field.Type} {field.Name};"))} }}");
    });
}
