#!/bin/sh
# Copies this machine's libbpf, and what it needs but for the C library, into a folder that can be carried to
# another machine. Writes beside them: LICENSES/ with each package's copyright file, ORIGIN.txt with where the
# files come from, and load-order, which Interop/NativeLibraries.cs follows.
#
# usage: bundle-native.sh FOLDER
set -eu

folder=$1
soname=libbpf.so.1

case $(uname -m) in
    x86_64) cache_tag=x86-64 ;;
    aarch64) cache_tag=AArch64 ;;
    *) echo "bundle-native.sh: no place for the libraries of $(uname -m)" >&2; exit 1 ;;
esac

# The cache may have a library twice, for instance i386's.
library=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p |
    awk -v name="$soname" -v tag="$cache_tag" '$1 == name && index($0, tag) { print $NF; exit }')
if [ -z "$library" ]; then
    echo "bundle-native.sh: $soname is not installed (Debian, Ubuntu: apt install libbpf1; Fedora: dnf install libbpf)" >&2
    exit 1
fi

# Paths of what a library needs, all levels, without the C library and the loader: these must be the target's own.
needs() {
    ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
        grep -Ev '/(libc|libm|libdl|librt|libpthread|libgcc_s)\.so\.[0-9]+$' || true
}

closure="$library $(needs "$library" | tr '\n' ' ')"

# Size and time of each file and of this script tell whether anything is to be done: dpkg keeps a package's own
# times, so that "newer than the copy" would miss an upgrade.
stamp=$(for file in $closure "$0"; do stat -L -c '%n %s %Y' "$file"; done)
if [ -f "$folder/ORIGIN.txt" ] && [ "$(cat "$folder.stamp" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi

# Prints "PACKAGE VERSION" of the package that a file belongs to. With merged /usr, dpkg knows it by either path.
package_of() {
    real=$(readlink -f "$1")
    if command -v dpkg-query >/dev/null; then
        for path in "$real" "${real#/usr}" "/usr$real"; do
            name=$(dpkg-query -S "$path" 2>/dev/null | sed 's/: .*//; q') || true
            if [ -n "$name" ]; then
                dpkg-query -W -f '${binary:Package} ${Version}' "$name" | sed 's/:[a-z0-9]* / /'
                return
            fi
        done
    elif command -v rpm >/dev/null; then
        rpm -qf --qf '%{NAME} %{VERSION}-%{RELEASE}' "$real" && return
    fi

    echo "unknown -"
}

rm -rf "$folder"
mkdir -p "$folder/LICENSES"
distribution=$(. /etc/os-release && echo "$PRETTY_NAME")
{
    echo "The libraries in this folder are copies from packages of $distribution ($(uname -m))."
    echo "LICENSES/ has what the packages say about copyright; the distribution has the sources."
    echo
} > "$folder/ORIGIN.txt"

for file in $closure; do
    name=$(basename "$file")
    install -m 0644 "$(readlink -f "$file")" "$folder/$name"
    package=$(package_of "$file")
    echo "$name  package ${package% *}, version ${package#* }" >> "$folder/ORIGIN.txt"
    package=${package% *}
    for text in "/usr/share/doc/$package/copyright" "/usr/share/licenses/$package"/*; do
        if [ -f "$text" ]; then
            install -m 0644 "$text" "$folder/LICENSES/$package.$(basename "$text")"
        fi
    done
done

# Debian's copyright files point at the full texts of the common licences.
grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$folder/LICENSES" | sort -u | while read -r text; do
    if [ -f "$text" ]; then
        install -m 0644 "$text" "$folder/LICENSES/$(basename "$text")"
    fi
done

newest_glibc=$(cd "$folder" && grep -aoh 'GLIBC_[0-9.]*[0-9]' -- *.so.* | sort -uV | tail -n 1)
printf '\nThey need a C library with %s or newer.\n' "$newest_glibc" >> "$folder/ORIGIN.txt"

# Needed before needing. Every pair of the closure is an edge; a library paired with itself just takes part.
for file in $closure; do
    echo "$(basename "$file") $(basename "$file")"
    for need in $(needs "$file"); do
        echo "$(basename "$need") $(basename "$file")"
    done
done | tsort > "$folder/load-order"

printf '%s\n' "$stamp" > "$folder.stamp"
