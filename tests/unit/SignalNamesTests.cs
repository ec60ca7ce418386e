using System.Runtime.InteropServices;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed partial class SignalNamesTests
{
    [Fact]
    public void EveryNameIsTheOneThatLibcHas()
    {
        for (int signal = 1; signal < 32; signal++)
        {
            string libc = Marshal.PtrToStringUTF8(sigabbrev_np(signal))!;

            // glibc calls 29 by its other name.
            Assert.Equal(libc == "POLL" ? "SIGIO" : $"SIG{libc}", SignalNames.NameOf(signal));
        }
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(32, "SIGRTMIN")]
    [InlineData(64, "SIGRTMIN+32")]
    [InlineData(65, "65")]
    [InlineData(-1, "-1")]
    public void NumbersOutsideTheTable(int signal, string name) => Assert.Equal(name, SignalNames.NameOf(signal));

    /// <summary>glibc 2.32.</summary>
    [LibraryImport("libc")]
    private static partial nint sigabbrev_np(int signal);
}
