namespace EbpfPs.Bench;

/// <summary>Everything that a run has measured; null for what was not asked for.</summary>
internal sealed record Results
{
    public required IReadOnlyList<(string Name, string Version)> Versions { get; init; }

    public IReadOnlyList<ScenarioResult> Scenarios { get; init; } = [];

    public IReadOnlyList<DecodeResult> Decode { get; init; } = [];

    public PowerShellResult? PowerShell { get; init; }

    public IReadOnlyList<RateResult> Rates { get; init; } = [];

    public required int Repeat { get; init; }

    public required string LoadAverage { get; init; }
}
