using System.Text;
using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class CommFileTests
{
    [Theory]
    [InlineData("cat\n", "cat")]
    [InlineData("a-b+c\n", "a-b+c")]
    [InlineData("ends in one\n\n", "ends in one\n")]
    [InlineData("", "")]
    [InlineData("kworker/0:0-events\n", "kworker/0:0")]
    [InlineData("kworker/0:0H-kblockd\n", "kworker/0:0H")]
    [InlineData("kworker/u8:7+events_unbound\n", "kworker/u8:7")]
    [InlineData("kworker/u257:12-flush-8:0\n", "kworker/u257:12")]
    [InlineData("kworker/0:1\n", "kworker/0:1")]
    [InlineData("kworker/R-mm_percpu_wq\n", "kworker/R-mm_pe")]
    [InlineData("kworker/R-rcu\n", "kworker/R-rcu")]
    [InlineData("ext4-rsv-conversion\n", "ext4-rsv-conver")]
    [InlineData("kworker/\n", "kworker/")]
    public void IsTheTasksCommWithoutWhatTheFileAdds(string file, string comm) =>
        Assert.Equal(comm, Encoding.UTF8.GetString(CommFile.Comm(Encoding.UTF8.GetBytes(file))));
}
