#!/usr/bin/env bash
# Runs the kernel tests in Debian's own kernels, each in an emulated machine, and prints one table.
#
#   tests/vm/run.sh [--test TEXT] [--record] [VERSION...]
#
# VERSION   the start of a kernel's version: 5.10, 6.12, 7; or "host", the kernel that runs here (as root).
#           Without any: 5.10 6.1 6.12 7
# --test    only tests with TEXT in their class or name
# --record  also writes the table to docs/kernels.md
#
# EBPFPS_VM_LIMIT       seconds that one machine may take (default 900)
# EBPFPS_VM_MACHINES    how many run at once (default: one a processor)
# EBPFPS_DEBIAN_MIRROR  where Debian's packages are, when apt's own sources don't say
#
# The last line is "N passed, N failed, N skipped"; each kernel's results are in output/test-results/vm-*.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
results=$root/output/test-results
cache=$root/output/vm-cache
runner=$here/runner/bin/Release/net8.0
limit=${EBPFPS_VM_LIMIT:-900}
machines=${EBPFPS_VM_MACHINES:-$(nproc)}
# shellcheck source=tests/vm/kernels.sh
. "$here/kernels.sh"
# shellcheck source=tests/vm/image.sh
. "$here/image.sh"

text=
record=
versions=()
while [ $# -gt 0 ]; do
    case $1 in
    --test) text=${2:?--test needs a text}; shift ;;
    --record) record=1 ;;
    -*) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    *) versions+=("$1") ;;
    esac
    shift
done
[ ${#versions[@]} -gt 0 ] || versions=(5.10 6.1 6.12 7)

say() { printf '%s\n' "vm: $*"; }

# Says why a kernel's cells are empty; the table counts each of their tests as skipped.
skip() {
    say "$1 skipped: $2"
    printf '%s\n' "$2" >"$results/vm-$1.reason"
}

# Boots one kernel and keeps what comes over its two serial lines: the console and the results.
boot() {
    local version=$1 kernel=$2 image=$3 status=0 start=$SECONDS
    : >"$results/vm-$version.tsv"
    : >"$results/vm-$version.console.txt"
    add_kernel "$image" "$kernel" "$image.$version"
    # Emulated, never /dev/kvm: where machines are nested it may be there and hang. Both processors in one thread:
    # with a thread each, qemu 7.2 may go on running an instruction that the kernel has patched, for ever.
    timeout --kill-after=5 "$limit" qemu-system-x86_64 \
        -accel tcg,thread=single -cpu max -smp 2 -m 2048 \
        -nodefaults -display none -no-reboot \
        -serial "file:$results/vm-$version.console.txt" -serial "file:$results/vm-$version.tsv" \
        -kernel "$kernel/vmlinuz" -initrd "$image.$version" \
        -append "console=ttyS0 loglevel=5 panic=-1 EBPFPS_TEST=$text" </dev/null || status=$?
    rm -f "$image.$version"
    if [ $status -eq 0 ]; then
        say "$version: $((SECONDS - start)) s"
    elif [ $((SECONDS - start)) -ge "$limit" ]; then
        say "$version: stopped after $limit s"
    elif [ $status -gt 128 ]; then
        say "$version: killed by somebody else after $((SECONDS - start)) s (signal $((status - 128)))"
    else
        say "$version: qemu-system-x86_64 ended with $status"
    fi
    if ! grep -qx end "$results/vm-$version.tsv"; then
        say "$version didn't come to its end; its console's last lines:"
        tail -n 40 "$results/vm-$version.console.txt" | tr -d '\r' | sed 's/^/  | /'
    fi
}

run_host() {
    if [ "$(id -u)" -ne 0 ]; then
        skip host "not root"
        return
    fi
    say "host: $(uname -r)"
    dotnet "$runner/EbpfPs.GuestRunner.dll" run "$results/vm-host.tsv" "$text" >"$results/vm-host.console.txt" 2>&1 || true
}

mkdir -p "$results" "$cache"
rm -f "$results"/vm-* "$results/vm.tsv"
dotnet build --nologo -v quiet -c Release "$here/runner"

image=
for version in "${versions[@]}"; do
    if [ "$version" = host ]; then
        continue
    elif ! missing=$(missing_tools); then
        skip "$version" "$missing"
    elif ! kernel=$(find_kernel "$version" "$cache"); then
        skip "$version" "$kernel"
    else
        [ -n "$image" ] || { image=$cache/guest.cpio; make_image "$image"; }
        while [ "$(jobs -pr | wc -l)" -ge "$machines" ]; do
            wait -n
        done
        say "$version: $(basename "$kernel"), at most $limit s"
        boot "$version" "$kernel" "$image" &
    fi
done
wait
for version in "${versions[@]}"; do
    [ "$version" != host ] || run_host
done

status=0
dotnet "$runner/EbpfPs.GuestRunner.dll" table "$results" "$text" "${versions[@]}" | tee "$results/vm-summary.txt" || status=$?
[ -z "$record" ] || { printf '# Kernels\n\n'; cat "$results/vm-table.md"; } >"$root/docs/kernels.md"
exit $status
