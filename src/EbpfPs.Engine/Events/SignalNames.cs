using System.Globalization;

namespace EbpfPs.Events;

/// <summary>Names of signals, signal(7); the numbers are those of x86-64 and arm64.</summary>
public static class SignalNames
{
    private const int FirstRealTime = 32;
    private const int LastRealTime = 64;

    private static readonly string[] _names =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
        "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
        "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
        "SIGSYS",
    ];

    /// <summary>The name of a signal, such as <c>SIGKILL</c> for 9; the kernel's first real-time signal is SIGRTMIN.</summary>
    /// <param name="signal">The number; 0 for none.</param>
    /// <returns>The name; empty for 0; the number as text where it has no name.</returns>
    public static string NameOf(int signal)
    {
        if ((uint)signal < (uint)_names.Length)
        {
            return _names[signal];
        }

        return signal switch
        {
            FirstRealTime => "SIGRTMIN",
            > FirstRealTime and <= LastRealTime => string.Create(CultureInfo.InvariantCulture, $"SIGRTMIN+{signal - FirstRealTime}"),
            _ => signal.ToString(CultureInfo.InvariantCulture),
        };
    }
}
