# shellcheck shell=bash disable=SC2154 # here, root and runner are of run.sh
# Makes the guest's root: an initramfs with busybox, the .NET runtime, the kernel tests and what they start, each at the
# path that it has here. Not compressed: unpacking would be emulated, copying is not. Sourced by run.sh.

# What tests start, as Debian's packages have it: busybox's do not take all options. A package that isn't here is not in
# the guest either, and the tests that need it are skipped by name.
guest_packages=(coreutils util-linux mount bsdutils dash bash findutils grep sed mawk libc-bin procps bpftool)
guest_programs=(execsnoop opensnoop exitsnoop tcplife tcpconnect syscount /sbin/ip /sbin/tc)

# What programs load without saying so in their ELF header.
guest_files=(/usr/libexec/coreutils/libstdbuf.so)
guest_libraries=(libbpf.so.1)

# The runtime's own debugging and tracing libraries have no use in a guest.
runtime_ballast=(libmscordbi.so libmscordaccore.so libclrgc.so libclrgcexp.so libcoreclrtraceptprovider.so createdump)

# Copies programs or libraries with the libraries that they need, to where the host has them.
copy_with_libraries() {
    local guest=$1 file library
    shift
    for file in "$@"; do
        install -D "$(readlink -f "$file")" "$guest$file"
        while read -r library; do
            [ -e "$guest$library" ] || install -D "$(readlink -f "$library")" "$guest$library"
        done < <(ldd "$file" 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' || true)
    done
}

find_runtime() {
    dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
    framework=$(find "$dotnet/shared/Microsoft.NETCore.App" -mindepth 1 -maxdepth 1 | sort -V | tail -n 1)
}

copy_runtime() {
    local guest=$1
    mkdir -p "$guest$framework" "$guest$dotnet/host"
    cp -r "$framework/." "$guest$framework"
    (cd "$guest$framework" && rm -f "${runtime_ballast[@]}")
    cp -r "$dotnet/host/fxr" "$guest$dotnet/host/"
    copy_with_libraries "$guest" "$dotnet/dotnet" "$framework"/lib*.so "$dotnet"/host/fxr/*/libhostfxr.so
    (cd "$guest$framework" && rm -f "${runtime_ballast[@]}")
    mkdir -p "$guest/usr/bin"
    ln -s "$dotnet/dotnet" "$guest/usr/bin/dotnet"
}

copy_programs() {
    local guest=$1 name path
    for path in $(dpkg -L "${guest_packages[@]}" 2>/dev/null | grep -E '^(/usr)?/s?bin/.' | sort -u); do
        [ -L "$path" ] || [ ! -x "$path" ] || copy_with_libraries "$guest" "$path"
    done
    for name in "${guest_programs[@]}"; do
        ! path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$name") || copy_with_libraries "$guest" "$path"
    done
    # Read to the end: who writes to a pipe that nobody reads dies, and with pipefail the run with it.
    for name in "${guest_libraries[@]}"; do
        path=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p | awk -v name="$name" '$1 == name && /x86-64/ && !found++ { print $NF }')
        [ -z "$path" ] || copy_with_libraries "$guest" "$path"
    done
    for path in "${guest_files[@]}"; do
        [ ! -e "$path" ] || install -D "$path" "$guest$path"
    done
    ln -sf "$(basename "$(readlink -f /bin/sh)")" "$guest/usr/bin/sh"
    ln -sf "$(basename "$(readlink -f "$(command -v awk)")")" "$guest/usr/bin/awk"
}

# For what the packages above don't have.
copy_busybox() {
    local guest=$1 applet
    install -D "$(command -v busybox)" "$guest/usr/bin/busybox"
    for applet in $(busybox --list); do
        [ -e "$guest/usr/bin/$applet" ] || [ -e "$guest/usr/sbin/$applet" ] || ln -s busybox "$guest/usr/bin/$applet"
    done
}

# Compiles assemblies ahead, in place: a just-in-time compiler is the dearest thing that an emulated processor can run.
# The build of the module restores the compiler for this runtime; where it could not, the guests are slower.
compile_ahead() {
    local folder=$1 compiler file
    shift
    compiler=${NUGET_PACKAGES:-$HOME/.nuget/packages}/microsoft.netcore.app.crossgen2.linux-x64/$(basename "$framework")/tools/crossgen2
    if [ ! -x "$compiler" ]; then
        say "no ahead-of-time compiler for .NET $(basename "$framework"): the guests are slower"
        return
    fi
    for file in "$@"; do
        "$compiler" "$folder/$file" -o "$folder/$file.compiled" -r "$framework/*.dll" -r "$folder/*.dll" --targetos linux --targetarch x64 -O >/dev/null
        mv "$folder/$file.compiled" "$folder/$file"
    done
}

copy_tests() {
    local guest=$1
    mkdir -p "$guest$runner" "$guest$root/output"
    cp -r "$runner/." "$guest$runner"
    rm -f "$guest$runner"/{testhost,Microsoft.TestPlatform,Microsoft.VisualStudio,Newtonsoft}*
    compile_ahead "$guest$runner" EbpfPs.{Engine,GuestRunner,KernelTests}.dll xunit.{abstractions,assert,core,execution.dotnet}.dll
    cp -r "$root/output/workloads" "$root/output/agent" "$guest$root/output/"
    copy_with_libraries "$guest" "$root"/output/workloads/*
}

# Who and where the guest is, for whoever asks the C library.
write_etc() {
    local guest=$1
    mkdir -p "$guest/etc"
    printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$guest/etc/passwd"
    printf 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n' >"$guest/etc/group"
    printf 'root:*:20000:0:99999:7:::\n' >"$guest/etc/shadow"
    chmod 600 "$guest/etc/shadow"
    echo guest >"$guest/etc/hostname"
    # For tests that have a tree searched: more lines than a pipe holds.
    mkdir -p "$guest"/usr/share/doc/folder-of-many-{1..2000}
    printf '127.0.0.1 localhost guest\n::1 localhost\n' >"$guest/etc/hosts"
    printf 'hosts: files\npasswd: files\ngroup: files\n' >"$guest/etc/nsswitch.conf"
}

make_image() {
    local image=$1 guest=$1.root folder dotnet framework
    rm -rf "$guest"
    mkdir -p "$guest"/{proc,sys,dev,tmp,run,root,var/tmp,usr/bin,usr/lib,usr/lib64,usr/sbin}
    for folder in bin sbin lib lib64; do
        ln -s "usr/$folder" "$guest/$folder"
    done
    find_runtime
    copy_runtime "$guest"
    copy_tests "$guest"
    copy_programs "$guest"
    copy_busybox "$guest"
    write_etc "$guest"
    install -m 755 "$here/init" "$guest/init"
    printf 'runner=%q\nexport DOTNET_ROOT=%q\n' "$runner" "$dotnet" >"$guest/etc/ebpfps.conf"
    archive "$guest" >"$image"
}

# Writes what is one kernel's own, to follow the image: initramfs archives may stand one behind the other.
kernel_image() {
    local kernel=$1 guest
    guest=$(mktemp -d)
    chmod 755 "$guest"
    install -D -m 644 "$kernel/config" "$guest/boot/config-$(basename "$kernel")"
    install -D -m 644 -t "$guest/modules" "$kernel"/modules/*.ko
    archive "$guest"
}

# Writes a folder as an initramfs and deletes it.
archive() {
    (cd "$1" && find . | cpio --quiet -o -H newc -R 0:0)
    rm -rf "$1"
}
