using System.Runtime.InteropServices;
using EbpfPs.Events;

namespace EbpfPs.UnitTests;

public sealed partial class ErrnoNamesTests
{
    private const int LargestErrno = 133;

    [Fact]
    public void EveryNameIsTheOneThatLibcHas()
    {
        int named = 0;
        for (int errno = 1; errno <= LargestErrno; errno++)
        {
            string? libc = Marshal.PtrToStringUTF8(strerrorname_np(errno));
            if (libc is null)
            {
                // 41 and 58 have no name: EWOULDBLOCK and EDEADLOCK are other names of 11 and 35.
                Assert.Equal($"{errno}", ErrnoNames.NameOf(errno));
                continue;
            }

            // glibc calls 95 by its other name.
            Assert.Equal(libc == "ENOTSUP" ? "EOPNOTSUPP" : libc, ErrnoNames.NameOf(errno));
            named++;
        }

        Assert.Equal(LargestErrno - 2, named);
        Assert.Null(Marshal.PtrToStringUTF8(strerrorname_np(LargestErrno + 1)));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(134, "134")]
    [InlineData(512, "ERESTARTSYS")]
    [InlineData(524, "ENOTSUPP")]
    [InlineData(520, "520")]
    [InlineData(-1, "-1")]
    [InlineData(int.MinValue, "-2147483648")]
    [InlineData(int.MaxValue, "2147483647")]
    public void NumbersOutsideTheTable(int errno, string name) => Assert.Equal(name, ErrnoNames.NameOf(errno));

    /// <summary>glibc 2.32.</summary>
    [LibraryImport("libc")]
    private static partial nint strerrorname_np(int errno);
}
