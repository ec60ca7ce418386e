using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace EbpfPs.Completion;

/// <summary>
/// Completes an argument from what the machine has right now. A Tab must never hang or fail: the list is cut where
/// it takes too long, and is empty where nothing can be read.
/// </summary>
public abstract class LiveCompleter : IArgumentCompleter
{
    /// <summary>The longest a Tab may take.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? "").Trim('\'', '"');
        long start = Stopwatch.GetTimestamp();
        List<CompletionResult> results = [];
        try
        {
            foreach (Candidate one in Candidates(word, fakeBoundParameters))
            {
                if (IsMatch(one, word))
                {
                    results.Add(new CompletionResult(Quote(one.Value), one.Label, CompletionResultType.ParameterValue, one.Tooltip));
                }

                if (Stopwatch.GetElapsedTime(start) > _patience)
                {
                    break;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or EbpfException or WildcardPatternException)
        {
            // There is no place for an error at a Tab: what was found so far is the answer.
            return results;
        }

        return results;
    }

    /// <summary>Everything that could stand there, lazily.</summary>
    /// <param name="word">What has been typed, without quotes.</param>
    /// <param name="bound">The parameters that stand on the line already.</param>
    private protected abstract IEnumerable<Candidate> Candidates(string word, IDictionary bound);

    /// <summary>Whether a candidate goes with what was typed.</summary>
    private protected virtual bool IsMatch(Candidate candidate, string word) =>
        new WildcardPattern(word + "*", WildcardOptions.IgnoreCase).IsMatch(candidate.Value);

    private static string Quote(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or '+')
            ? value
            : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Something to choose.</summary>
    /// <param name="Value">What is put on the line.</param>
    /// <param name="Label">What the menu shows.</param>
    /// <param name="Tooltip">A line about it.</param>
    private protected sealed record Candidate(string Value, string Label, string Tooltip);
}
