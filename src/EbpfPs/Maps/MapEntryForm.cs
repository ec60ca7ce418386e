namespace EbpfPs.Maps;

/// <summary>What Get-EbpfMapEntry makes of a map's entries.</summary>
public enum MapEntryForm
{
    /// <summary>What the map's own types tell: histograms of one that is declared as such, else entries.</summary>
    Default,

    /// <summary>Each entry as the map has it; of a histogram its slots.</summary>
    Entry,

    /// <summary>Histograms of slots that are powers of two.</summary>
    Log2Histogram,

    /// <summary>Histograms of slots that are the numbers themselves.</summary>
    LinearHistogram,
}
