using EbpfPs.Probes;

namespace EbpfPs.Cmdlets;

/// <summary>A session that is to be started, whatever it is made of.</summary>
/// <param name="Target">What is traced, for people to read.</param>
/// <param name="Start">Loads and attaches it.</param>
/// <param name="Load">Only loads it, as -WhatIf does.</param>
internal sealed record SessionRequest(string Target, Func<ProbeSession> Start, Func<ProbeSession> Load);
