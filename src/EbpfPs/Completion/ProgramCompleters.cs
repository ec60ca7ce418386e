using System.Collections;
using System.Globalization;
using EbpfPs.Events;
using EbpfPs.Probes;

namespace EbpfPs.Completion;

/// <summary>The programs of the kernel, by number.</summary>
public sealed class ProgramIdCompleter : LiveCompleter
{
    internal static string Describe(SystemProgram program) => string.Create(
        CultureInfo.InvariantCulture,
        $"{program.Type} program {program.Id}, loaded {program.LoadTime:yyyy-MM-dd HH:mm:ss} by {program.UserName}{(program.AttachTarget.Length > 0 ? $", for {program.AttachTarget}" : "")}");

    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        ProgramCatalog.Quickly().Select(program =>
        {
            string id = program.Id.ToString(CultureInfo.InvariantCulture);
            string name = TerminalText.Escape(program.Name);
            return new Candidate(id, $"{id}  {name}", $"{name}: {TerminalText.Escape(Describe(program))}");
        });
}

/// <summary>The programs of the kernel, by name.</summary>
public sealed class ProgramNameCompleter : LiveCompleter
{
    private protected override IEnumerable<Candidate> Candidates(string word, IDictionary bound) =>
        ProgramCatalog.Quickly()
            .Where(program => program.Name.Length > 0)
            .GroupBy(program => program.Name)
            .Select(same => new Candidate(
                TerminalText.Escape(same.Key),
                TerminalText.Escape(same.Key),
                TerminalText.Escape(string.Join("; ", same.Take(4).Select(ProgramIdCompleter.Describe)))));
}
