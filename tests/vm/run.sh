#!/usr/bin/env bash
# Runs the kernel tests in Debian's own kernels, each in an emulated machine, and prints one table.
#
#   tests/vm/run.sh [--test TEXT] [--pester] [--compiler] [--record] [VERSION...]
#
# VERSION   the start of a kernel's version: 5.10, 6.12, 7; or "host", the kernel that runs here (as root).
#           Without any: 5.10 6.1 6.12 7, and the Pester suite in 6.12
# --test    only tests with TEXT in their class or name
# --pester  the Pester suite instead of the kernel tests; only files with the --test TEXT in their name
# --compiler  gives the guests this machine's clang: tests that compile C are skipped by name else, since that takes
#           half a minute a source in an emulated machine
# --record  also writes the table to README.md and docs/kernels.md, if nothing failed
#
# EBPFPS_VM_LIMIT       seconds that one machine may take (default 1800); twice as long with the Pester suite
# EBPFPS_VM_MACHINES    how many run at once (default: two a processor, since each waits a tenth of its time)
# EBPFPS_DEBIAN_MIRROR  where Debian's packages are, when apt's own sources don't say
#
# The last line is "N passed, N failed, N skipped"; each kernel's results are in output/test-results/vm-*.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
results=$root/output/test-results
cache=$root/output/vm-cache
runner=$here/runner/bin/Release/net8.0
limit=${EBPFPS_VM_LIMIT:-1800}
machines=${EBPFPS_VM_MACHINES:-$((2 * $(nproc)))}
for part in kernels image pester machine; do
    # shellcheck source=/dev/null
    . "$here/$part.sh"
done

text=
record=
suite=
versions=()
while [ $# -gt 0 ]; do
    case $1 in
    --test) text=${2:?--test needs a text}; shift ;;
    --pester) suite=.pester ;;
    --compiler) guest_programs+=(clang) ;;
    --record) record=1 ;;
    -*) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    *) versions+=("$1") ;;
    esac
    shift
done

# A guest is a kernel's version, with .pester for the one that has that suite: it takes twice as long, and what the others
# leave of the processors until they have ended.
guests=()
if [ ${#versions[@]} -gt 0 ]; then
    guests=("${versions[@]/%/$suite}")
elif [ -n "$suite" ]; then
    guests=(6.12.pester)
elif [ -n "$text" ]; then
    guests=(5.10 6.1 6.12 7)
else
    guests=(5.10 6.1 6.12 7 6.12.pester)
fi
if [ -n "$record" ] && { [ -n "$text$suite" ] || [ ${#versions[@]} -gt 0 ]; }; then
    echo "--record takes the whole table: no versions, no --test, no --pester" >&2
    exit 2
fi

say() { printf '%s\n' "vm: $*"; }

# Says why a guest's cells are empty; the table counts each of its tests as skipped.
skip() {
    say "$1 skipped: $2"
    printf '%s\n' "$2" >"$results/vm-$1.reason"
}

# The same for a guest that there should be: the table counts that as a failure.
fail() {
    say "$1 failed: $2"
    printf '%s\n' "$2" >"$results/vm-$1.defect"
}

has_run() { [ ! -e "$results/vm-$1.reason" ] && [ ! -e "$results/vm-$1.defect" ]; }

run_host() {
    if [ "$(id -u)" -ne 0 ]; then
        skip host "not root"
        return
    fi
    say "host: $(uname -r)"
    dotnet "$runner/EbpfPs.GuestRunner.dll" run "$results/vm-host.tsv" "$text" >"$results/vm-host.console.txt" 2>&1 || true
}

# Prepares a guest and boots it beside the others, as soon as there is a place. Its results are called NAME. REST: without
# the tests of the agent.
run_guest() {
    local guest=$1 name=$2 tests=$3 rest=${4:-} kernel suite=guest missing code=0 image=$cache/$2.cpio limit=$limit
    if [ "$guest" != "${guest%.pester}" ]; then
        suite=pester
        limit=$((limit * 2))
        missing=$(missing_pester)
    elif [ -n "$rest" ]; then
        suite=engine
    fi
    [ -n "${missing:=$(missing_tools)}" ] || kernel=$(find_kernel "${guest%.pester}" "$cache") || code=$?
    if [ -n "$missing" ]; then
        skip "$guest" "$missing"
    elif [ $code -eq 1 ]; then
        skip "$guest" "$kernel"
    elif [ $code -ne 0 ]; then
        fail "$guest" "$kernel"
    else
        [ -n "$whole" ] || { whole=$cache/guest.cpio; make_image "$whole"; }
        while [ "$(jobs -pr | wc -l)" -ge "$machines" ]; do
            wait -n
        done
        { cat "$whole" && kernel_image "$kernel" && { [ $suite != pester ] || pester_image; }; } >"$image"
        say "$name: $(basename "$kernel"), at most $limit s"
        { boot "$name" "$kernel" "$image" "$suite" "$tests"; rm -f "$image"; } &
    fi
}

mkdir -p "$results" "$cache"
rm -f "$results"/vm-* "$results/vm.tsv"
dotnet build --nologo -v quiet -c Release "$here/runner"

# The agent is the same program over the same engine everywhere: of a whole table's guests the first has its tests.
whole=
rest=
for guest in "${guests[@]}"; do
    [ "$guest" = host ] || run_guest "$guest" "$guest" "$text" "$rest"
    if [ "$guest" = "${guest%.pester}" ] && has_run "$guest" && [ -z "$text" ] && [ ${#versions[@]} -eq 0 ]; then
        rest=1
    fi
done
wait
for guest in "${guests[@]}"; do
    if [ "$guest" = host ] || ! has_run "$guest"; then
        continue
    fi
    failed=$(dotnet "$runner/EbpfPs.GuestRunner.dll" failed "$results" "$text" "$guest")
    # It goes through the kernel's command line, which has 2,048 bytes: where so much failed, that was no moment's slowness.
    if [ -n "$failed" ] && [ ${#failed} -lt 1500 ]; then
        say "$guest: once more $failed"
        run_guest "$guest" "$guest.again" "$failed"
    fi
done
wait
for guest in "${guests[@]}"; do
    [ "$guest" != host ] || run_host
done

status=0
dotnet "$runner/EbpfPs.GuestRunner.dll" table "$results" "$text" "${guests[@]}" | tee "$results/vm-summary.txt" || status=$?
if [ -n "$record" ] && compgen -G "$results/vm-*.reason" >/dev/null; then
    echo "not recorded: the table is not whole" >&2
    status=1
elif [ -n "$record" ] && [ $status -eq 0 ]; then
    dotnet "$runner/EbpfPs.GuestRunner.dll" record "$results" "$root"
fi
exit $status
