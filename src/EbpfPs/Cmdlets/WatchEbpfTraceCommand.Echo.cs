using System.Management.Automation;
using System.Management.Automation.Language;
using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <content>A latency trace that is shown on a terminal which it traces feeds itself.</content>
public sealed partial class WatchEbpfTraceCommand
{
    /// <summary>Commands after this one that let events through to the terminal as they come; after others none is seen while the trace runs.</summary>
    private static readonly string[] _passing =
    [
        "Where-Object", "ForEach-Object", "Select-Object", "Tee-Object", "Out-Host", "Out-Default",
        "Format-Table", "Format-List", "Format-Wide", "Format-Custom",
    ];

    private void WarnOfEcho(SessionOptions options)
    {
        if (!IsShown())
        {
            return;
        }

        IReadOnlyList<string> echoing = TerminalProcesses.TracedBy(options);
        if (echoing.Count > 0)
        {
            WriteWarning(
                $"This terminal is traced too: each event that it shows makes {string.Join(", ", echoing)} do syscalls, which make new events. "
                + "Choose processes with -ProcessName or -ProcessId, or send the events elsewhere, such as to Export-Csv; "
                + "Start-EbpfProbe with Get-EbpfMapEntry shows histograms and no events.");
        }
    }

    /// <summary>
    /// Whether events go to the host as they come: not into a variable, a file, or a command that keeps them to itself.
    /// What stands on the line tells; where it doesn't (a pipeline of several lines), the place in the pipeline does.
    /// </summary>
    private bool IsShown()
    {
        if (Host.Name != "ConsoleHost")
        {
            return false;
        }

        bool last = MyInvocation.PipelinePosition == MyInvocation.PipelineLength;
        PipelineAst? pipeline = FindPipeline();
        if (pipeline is null)
        {
            return last;
        }

        bool taken = IsCollected(pipeline)
            || pipeline.PipelineElements.Any(element => element.Redirections.Any(redirection => redirection.FromStream is RedirectionStream.Output or RedirectionStream.All));
        return !taken && pipeline.PipelineElements
            .Skip(MyInvocation.PipelinePosition)
            .All(element => element is CommandAst command && _passing.Contains(Resolve(command), StringComparer.OrdinalIgnoreCase));
    }

    private PipelineAst? FindPipeline()
    {
        ScriptBlockAst script = Parser.ParseInput(MyInvocation.Line, out _, out ParseError[] errors);
        return errors.Length > 0
            ? null
            : script.Find(
                ast => ast is CommandAst && ast.Extent.StartColumnNumber == MyInvocation.OffsetInLine && ast.Extent.StartLineNumber == 1,
                searchNestedScriptBlocks: true)?.Parent as PipelineAst;
    }

    /// <summary>Whether the events become a value first: of a variable, of <c>(...)</c>, <c>$(...)</c> or <c>@(...)</c>.</summary>
    private static bool IsCollected(Ast pipeline)
    {
        Ast? above = pipeline.Parent;
        while (above is not (null or AssignmentStatementAst or ParenExpressionAst or SubExpressionAst or ArrayExpressionAst))
        {
            above = above.Parent;
        }

        return above is not null;
    }

    private string Resolve(CommandAst command) =>
        InvokeCommand.GetCommand(command.GetCommandName() ?? "", CommandTypes.Alias) is AliasInfo alias ? alias.Definition : command.GetCommandName() ?? "";
}
