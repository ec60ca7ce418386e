# shellcheck shell=bash
# What demo.sh and test.sh do first: packages, the .NET SDK, PowerShell, the kernel's filesystems. Sourced, with the
# repository's root as the working folder. Says what it installs or mounts, and nothing when all is there.
#
# Sets: AS_ROOT  the words to put before a command that needs root; an array, empty for root
#       IS_ROOT  1 when such a command will run as root
#       PWSH     the path of PowerShell 7.4 or newer; empty when it could not be had
#       LOGS     the folder for long output

LOGS=$PWD/output/logs
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off

# How long a download may take, in seconds.
DOWNLOAD_LIMIT=300

say() { printf '%s\n' "==> $*"; }

fail() {
    printf '%s\n' "$(basename "$0"): $*" >&2
    exit 1
}

# grep reads to the end here and below: with -q it would leave at once, and pipefail take the other's SIGPIPE for a no.
has_library() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep "$1" >/dev/null; }

find_root() {
    AS_ROOT=()
    IS_ROOT=1
    if [ "$(id -u)" -eq 0 ]; then
        return
    fi
    # With nobody at a terminal, sudo must not ask.
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -z "${CI:-}" ] && [ -t 1 ] && sudo -v; }; }; then
        AS_ROOT=(sudo "--preserve-env=DOTNET_ROOT,DOTNET_SYSTEM_GLOBALIZATION_INVARIANT,CI,COLUMNS")
        return
    fi
    IS_ROOT=0
    say "Not root, and sudo gives no root: the build goes on, but eBPF will not work without root."
}

# Prints what is missing, as Debian's package names.
missing_packages() {
    command -v clang >/dev/null || echo clang
    [ -e /usr/include/stdio.h ] || echo libc6-dev
    [ -e /usr/include/bpf/bpf_helpers.h ] || echo libbpf-dev
    # For a workload of the tests.
    [ -e /usr/include/liburing.h ] || echo liburing-dev
    has_library 'libbpf\.so\.1' || echo libbpf1
    has_library 'libssl\.so' || echo openssl
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki ] || echo ca-certificates
    command -v mount >/dev/null || echo mount
}

# What the comparison tests look at beside EbpfPs: they name what they skip without it.
missing_test_packages() {
    [ -x /usr/sbin/opensnoop ] && [ -x /usr/sbin/execsnoop ] || echo libbpf-tools
    PATH=$PATH:/sbin:/usr/sbin command -v bpftool >/dev/null || echo bpftool
    command -v unshare >/dev/null || echo util-linux
    if [ "${TEST_VM:-0}" -ne 0 ] && [ "$(uname -m)" = x86_64 ]; then
        command -v qemu-system-x86_64 >/dev/null || echo qemu-system-x86
        command -v busybox >/dev/null || echo busybox-static
        command -v cpio >/dev/null || echo cpio
    fi
    # Packages whose eBPF objects the tests load.
    ls /usr/lib/*/bpf/xdpdump_xdp.o >/dev/null 2>&1 || echo xdp-tools
    ls /lib/udev/rc_keymaps/protocols/raw.o >/dev/null 2>&1 || echo ir-keytable
    [ -d /usr/share/gocode/src/github.com/cilium/ebpf ] || echo golang-github-cilium-ebpf-dev
    command -v tmux >/dev/null || echo tmux
    command -v script >/dev/null || echo bsdutils
}

apt_get() {
    if ! "${AS_ROOT[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >>"$LOGS/apt.log" 2>&1 </dev/null; then
        tail -n 5 "$LOGS/apt.log" >&2
        return 1
    fi
}

install_packages() {
    local needed wanted=()
    mapfile -t needed < <(missing_packages)
    if [ "$1" = tests ]; then
        mapfile -t wanted < <(missing_test_packages)
    fi
    if [ ${#needed[@]} -eq 0 ] && [ ${#wanted[@]} -eq 0 ]; then
        return
    fi
    if ! command -v apt-get >/dev/null || [ "$IS_ROOT" -eq 0 ]; then
        [ ${#needed[@]} -eq 0 ] || fail "these are missing (Debian's names), and only root with apt could install them here: ${needed[*]}"
        say "Not installed, for want of apt or root: ${wanted[*]}"
        return
    fi

    say "Installing Debian packages: ${needed[*]} ${wanted[*]}"
    apt_get update || say "apt-get update failed; going on with the lists that are there."
    if [ ${#needed[@]} -gt 0 ]; then
        apt_get install --no-install-recommends "${needed[@]}" || fail "apt could not install: ${needed[*]} (all of its output: output/logs/apt.log)"
    fi
    local package
    for package in "${wanted[@]}"; do
        apt_get install --no-install-recommends "$package" || say "apt could not install $package; what needs it is skipped by name."
    done
    has_library 'libbpf\.so\.1' || fail "libbpf 1.0 or newer is needed; this distribution has an older one (Debian 12, Ubuntu 24.04 and newer have it)."
}

has_sdk() { dotnet --list-sdks 2>/dev/null | grep -E '^([89]|[1-9][0-9])\.' >/dev/null; }

find_sdk() {
    # The SDK refuses to start without ICU unless told that it is not wanted.
    has_library 'libicuuc' || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
    local folder
    for folder in "" "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/lib64/dotnet; do
        if [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then
            PATH=$folder:$PATH
        fi
        if has_sdk; then
            break
        fi
    done

    if ! has_sdk && command -v apt-get >/dev/null && [ "$IS_ROOT" -eq 1 ]; then
        local package
        for package in dotnet-sdk-10.0 dotnet-sdk-8.0 dotnet-sdk-9.0; do
            if apt-cache show "$package" >/dev/null 2>&1; then
                say "Installing the .NET SDK: $package"
                apt_get install --no-install-recommends "$package" || fail "apt could not install $package (all of its output: output/logs/apt.log)"
                break
            fi
        done
    fi

    has_sdk || fail "a .NET SDK 8.0 or newer is needed, and apt has none here (Ubuntu has dotnet-sdk-8.0; for Debian add Microsoft's feed).
How to: https://learn.microsoft.com/dotnet/core/install/linux - then run this again."

    # Programs that the SDK builds look for the runtime here, wherever it is.
    export DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}"
    [ -x "$DOTNET_ROOT/dotnet" ] || DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")
}

is_pwsh() {
    # shellcheck disable=SC2016 # the variable is PowerShell's
    timeout 60 "$1" -NoLogo -NoProfile -NonInteractive -Command 'exit [int]($PSVersionTable.PSVersion -lt [version]"7.4")' >/dev/null 2>&1 </dev/null
}

find_pwsh() {
    PWSH=$(command -v pwsh || true)
    local tools=$PWD/output/tools
    if [ -n "$PWSH" ] && is_pwsh "$PWSH"; then
        return
    fi
    PWSH=$tools/pwsh
    if [ -x "$PWSH" ] && is_pwsh "$PWSH"; then
        return
    fi

    # The newest PowerShell that this SDK's runtime can run.
    local version
    case $(dotnet --version) in
        8.*) version='7.4.*' ;;
        9.*) version='7.5.*' ;;
        *) version='7.6.*' ;;
    esac
    say "No PowerShell 7.4 or newer on PATH: trying to install $version as a .NET tool into output/tools"
    if ! timeout "$DOWNLOAD_LIMIT" dotnet tool install --tool-path "$tools" PowerShell --version "$version" >"$LOGS/pwsh.log" 2>&1 </dev/null || ! is_pwsh "$PWSH"; then
        PWSH=
        say "PowerShell could not be had (output/logs/pwsh.log says why); going on with what does not need it."
    fi
}

mount_one() { # TYPE FOLDER WHAT-FOR
    if [ -d "$2" ] && ! grep -q " $2 $1 " /proc/mounts && [ "$IS_ROOT" -eq 1 ]; then
        if "${AS_ROOT[@]}" mount -t "$1" "$1" "$2" 2>>"$LOGS/mount.log"; then
            say "Mounted $1 on $2"
        else
            say "$1 could not be mounted on $2: $3."
        fi
    fi
}

check_kernel() {
    mount_one tracefs /sys/kernel/tracing "probes fall back to raw tracepoints"
    mount_one bpf /sys/fs/bpf "nothing can be pinned"
    [ -e /sys/kernel/btf/vmlinux ] || say "This kernel has no BTF (CONFIG_DEBUG_INFO_BTF): the probes will not load."
}

# setup demo|tests: everything above; for the tests also what only they use.
setup() {
    [ "$(uname -s)" = Linux ] || fail "eBPF is a part of the Linux kernel; this is $(uname -s)."
    if ! mkdir -p "$LOGS" 2>/dev/null || [ ! -w "$LOGS" ]; then
        fail "output/ can't be written: it belongs to $(stat -c %U output 2>/dev/null || echo another user). Give it back with: sudo chown -R $(id -un) output"
    fi
    find_root
    install_packages "$1"
    find_sdk
    find_pwsh
    check_kernel
}

build() {
    say "Building (output/logs/build.log)"
    # No build server is asked and none is left behind: it would be in the demo's picture, and in the tests' way.
    if ! MSBUILDDISABLENODEREUSE=1 dotnet build EbpfPs.sln -c Release -p:UseSharedCompilation=false >"$LOGS/build.log" 2>&1 </dev/null; then
        # Read to the end and never a failure of its own: what matters is the line below.
        { grep -E ': (error|warning)|error:' "$LOGS/build.log" || tail -n 20 "$LOGS/build.log"; } | sort -u | sed -n '1,20p' >&2
        fail "the build failed (all of its output: output/logs/build.log)"
    fi
}
