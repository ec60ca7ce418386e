# shellcheck shell=bash
# Finds Debian's kernel packages in the machine's own mirror, with a configuration of apt that is ours alone: nothing
# of the machine's sources, lists or packages changes. Sourced by run.sh.

# bullseye has 5.10, bookworm 6.1, trixie 6.12, and the newest is in one of the last two.
debian_suites="bullseye bookworm trixie trixie-backports sid"
# Modules that tests need: devices in pairs, and what tc hangs filters to.
guest_modules=(veth sch_ingress sch_htb cls_bpf)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# What must be installed to boot anything; prints what is not and how to get it, or what may not be run. Else nothing.
missing_tools() {
    local tool package path
    while read -r tool package; do
        path=$(command -v "$tool") || path=
        if [ -z "$path" ]; then
            echo "$tool is not installed (apt install $package)"
            return
        elif [ ! -x "$path" ]; then
            echo "$path is not executable"
            return
        fi
    done <<END
qemu-system-x86_64 qemu-system-x86
busybox busybox-static
cpio cpio
dpkg-deb dpkg
apt-get apt
ldd libc-bin
xz xz-utils
END
    if ldd "$(command -v busybox)" >/dev/null 2>&1; then
        echo "busybox needs libraries (apt install busybox-static)"
    fi
}

# Debian's archive as the machine's own sources name it.
debian_mirror() {
    if [ -n "${EBPFPS_DEBIAN_MIRROR:-}" ]; then
        echo "$EBPFPS_DEBIAN_MIRROR"
    else
        # A machine that never updated its lists knows no origin yet, but its sources still have the usual name.
        # shellcheck disable=SC2016 # the names are apt's
        apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
            awk '($1 == "Debian" && $2 == "Debian" || $NF ~ "/debian/$") && !found++ { print $NF }'
    fi
}

# apt with its own sources, lists and cache under $1/apt.
private_apt() {
    local folder=$1/apt command=$2
    shift 2
    APT_CONFIG=$folder/apt.conf "$command" "$@"
}

write_apt_configuration() {
    local folder=$1/apt mirror=$2 suite signed=
    mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial"
    [ ! -e "$keyring" ] || signed="[signed-by=$keyring] "
    for suite in $debian_suites; do
        echo "deb $signed$mirror $suite main"
    done >"$folder/sources.list"
    cat >"$folder/apt.conf" <<END
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$folder/state";
Dir::State::status "/dev/null";
Dir::Cache "$folder/cache";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "2";
END
}

# Brings the lists up to date once a day; a mirror that can't be reached leaves what is there.
update_lists() {
    local cache=$1 mirror stamp=$1/apt/updated
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then
        echo "apt's sources name no Debian mirror (set EBPFPS_DEBIAN_MIRROR)"
        return 1
    fi

    # Each time: the folder may have been moved, and the configuration names it.
    write_apt_configuration "$cache" "$mirror"
    [ -z "$(find "$stamp" -mmin -1440 2>/dev/null)" ] || return 0
    if private_apt "$cache" apt-get -qq --error-on=any update >"$cache/apt/update.log" 2>&1; then
        touch "$stamp"
    elif [ -z "$(private_apt "$cache" apt-cache search --names-only '^linux-image-.*-cloud-amd64$')" ]; then
        echo "the Debian mirror can't be reached: $(tail -n 1 "$cache/apt/update.log")"
        return 1
    fi
}

# The packages that a kernel is in: the image's alone, or since 7.2 those beside it.
kernel_packages() {
    local cache=$1 package=$2
    echo "$package"
    private_apt "$cache" apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$package" |
        awk '$1 == "Depends:" && $2 ~ /^linux-(base|binary|modules)-[0-9]/ { print $2 }'
}

# Takes a kernel's image, configuration and some modules out of its packages, whatever they are called there.
unpack_kernel() {
    local folder=$1 package module
    for package in "$folder"/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$folder" --no-anchored --wildcards --ignore-failed-read \
            'vmlinuz*' 'config' 'config-*' "${guest_modules[@]/%/.ko*}" 2>/dev/null || true
    done
    mkdir -p "$folder/modules"
    for module in "${guest_modules[@]}"; do
        find "$folder" -path "*/kernel/*/$module.ko*" -exec mv {} "$folder/modules" \;
    done
    find "$folder/modules" -name '*.xz' -exec xz -d {} +
    find "$folder" -type f -name 'vmlinuz*' -exec mv {} "$folder/vmlinuz" \;
    find "$folder" -type f \( -path '*/boot/config-*' -o -path '*/modules/*/config' \) -exec mv {} "$folder/config" \;
    rm -rf "${folder:?}"/{boot,usr,lib} "$folder"/*.deb
    is_unpacked "$folder"
}

is_unpacked() {
    [ -s "$1/vmlinuz" ] && [ -s "$1/config" ] && [ "$(find "$1/modules" -name '*.ko' 2>/dev/null | wc -l)" -eq ${#guest_modules[@]} ]
}

# Prints the folder of the newest kernel whose version starts with $1 (cloud flavour), downloaded if need be. Else prints
# why there is none, and returns 1 where the mirror can't be had, and 2 where it can: then something here is wrong.
find_kernel() {
    local version=$1 cache=$2 release package folder
    update_lists "$cache" || return 1
    release=$(private_apt "$cache" apt-cache search --names-only "^linux-image-${version//./\\.}[.-].*-cloud-amd64\$" |
        awk '{ sub(/^linux-image-/, "", $1); print $1 }' | grep -v -- -unsigned | sort -V | tail -n 1)
    if [ -z "$release" ]; then
        echo "the Debian mirror has no kernel $version"
        return 2
    fi
    folder=$cache/kernels/$release
    if ! is_unpacked "$folder"; then
        rm -rf "$folder" && mkdir -p "$folder"
        for package in $(kernel_packages "$cache" "linux-image-$release"); do
            if ! (cd "$folder" && private_apt "$cache" apt-get -qq download "$package") >"$cache/apt/download.log" 2>&1; then
                echo "package $package can't be downloaded: $(tail -n 1 "$cache/apt/download.log")"
                return 1
            fi
        done
        if ! unpack_kernel "$folder"; then
            rm -rf "$folder"
            echo "package linux-image-$release lacks a kernel, its configuration or a module (${guest_modules[*]})"
            return 2
        fi
    fi
    echo "$folder"
}
