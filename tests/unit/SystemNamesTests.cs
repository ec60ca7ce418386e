using EbpfPs.Probes;

namespace EbpfPs.UnitTests;

public sealed class SystemNamesTests
{
    private const string Id = "4f2a9c0b7d1e8f3a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a";
    private const string Outer = "1111111111111111111111111111111111111111111111111111111111111111";

    [Theory]
    [InlineData("docker, cgroupfs", $"/docker/{Id}")]
    [InlineData("docker, systemd", $"/system.slice/docker-{Id}.scope")]
    [InlineData("docker, with systemd inside", $"/system.slice/docker-{Id}.scope/init.scope")]
    [InlineData("docker in docker", $"/docker/{Outer}/docker/{Id}")]
    [InlineData("podman, root", $"/machine.slice/libpod-{Id}.scope")]
    [InlineData("podman, root, new", $"/machine.slice/libpod-{Id}.scope/container")]
    [InlineData("podman, rootless", $"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{Id}.scope/container")]
    [InlineData("podman, cgroupfs", $"/libpod_parent/libpod-{Id}")]
    [InlineData("podman, payload beside its monitor", $"/system.slice/web.service/libpod-payload-{Id}")]
    [InlineData("podman, in a pod", $"/machine.slice/machine-libpod_pod_{Outer}.slice/libpod-{Id}.scope")]
    [InlineData("podman, in a pod, cgroupfs", $"/libpod_parent/{Outer}/libpod-{Id}")]
    [InlineData("docker, rootless", $"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{Id}.scope")]
    [InlineData("docker, a parent of its own", $"/actions_job/{Id}")]
    [InlineData("CRI-O, cgroupfs", $"/kubepods/besteffort/pod0a1b/crio-{Id}")]
    [InlineData("kubernetes, guaranteed, systemd", $"/kubepods.slice/kubepods-pod6b1e2b1c_0000_4000_8000_000000000000.slice/cri-containerd-{Id}.scope")]
    [InlineData("kubernetes by docker", $"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b.slice/docker-{Id}.scope")]
    [InlineData("kubernetes, cgroup namespace of the kubelet's container", $"/../../pod0a1b/{Id}")]
    [InlineData("nerdctl", $"/system.slice/nerdctl-{Id}.scope")]
    [InlineData("containerd, namespace default", $"/default/{Id}")]
    [InlineData("containerd, systemd driver of the kubelet alone", $"/system.slice/containerd.service/kubepods-burstable-pod0a1b.slice:cri-containerd:{Id}")]
    [InlineData("CRI-O", $"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0a1b.slice/crio-{Id}.scope")]
    [InlineData("CRI-O, new", $"/kubepods.slice/kubepods-pod0a1b.slice/crio-{Id}.scope/container")]
    [InlineData("kubernetes, cgroupfs", $"/kubepods/burstable/pod6b1e2b1c-0000-4000-8000-000000000000/{Id}")]
    [InlineData("kubernetes, systemd", $"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod6b1e2b1c_0000_4000_8000_000000000000.slice/cri-containerd-{Id}.scope")]
    [InlineData("kind: kubernetes in docker", $"/docker/{Outer}/kubelet/kubepods/besteffort/pod0a1b/{Id}")]
    public void FindsTheContainer(string what, string path) => Assert.Equal((what, Id), (what, SystemNames.ContainerIdOf(path)));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/init.scope")]
    [InlineData("/user.slice/user-1000.slice/session-2.scope")]
    [InlineData("/system.slice/ssh.service")]
    [InlineData("/system.slice/containerd.service")]
    [InlineData("/lxc.payload.web")]
    [InlineData($"/machine.slice/libpod-conmon-{Id}.scope")]
    [InlineData($"/kubepods.slice/kubepods-pod0a1b.slice/crio-conmon-{Id}.scope")]
    [InlineData("/docker/4f2a9c0b7d1e")]
    [InlineData($"/machine.slice/machine-libpod_pod_{Id}.slice")]
    [InlineData("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod6b1e2b1c_0000_4000_8000_000000000000.slice")]
    [InlineData($"/docker/{Id}0")]
    [InlineData($"/docker/x{Id}")]
    [InlineData("/docker/4F2A9C0B7D1E8F3A6B5C4D3E2F1A0B9C8D7E6F5A4B3C2D1E0F9A8B7C6D5E4F3A")]
    public void FindsNoneElsewhere(string path) => Assert.Equal("", SystemNames.ContainerIdOf(path));

    [Fact]
    public void UsersHaveTheirNames()
    {
        Assert.Equal("root", SystemNames.Shared.UserName(0));
        Assert.Equal("nobody", SystemNames.Shared.UserName(65534));
        Assert.Equal("3999999999", SystemNames.Shared.UserName(3_999_999_999));
        Assert.Equal(65534U, SystemNames.UserId("nobody"));
    }

    [Fact]
    public void AUserThatIsNot()
    {
        EbpfException error = Assert.Throws<EbpfException>(() => SystemNames.UserId("no-such-user"));

        Assert.Equal(EbpfErrorId.NotFound, error.Id);
        Assert.Equal("no-such-user", error.Target);
    }
}
