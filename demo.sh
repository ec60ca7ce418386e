#!/usr/bin/env bash
# Installs what is missing, builds, and shows five seconds of the programs that this machine executes and the files
# that it opens, live from the running kernel.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/setup.sh
. scripts/setup.sh
setup demo
build
[ "$IS_ROOT" -eq 1 ] || fail "the rest needs root: sudo ./demo.sh"

# Something to see, whatever else the machine does: a few short-lived programs, some of which fail.
activity() {
    # Without a locale, since a program that has one opens a dozen of its files first.
    export LC_ALL=C
    while sleep 0.6; do
        /bin/cat /etc/hostname
        /bin/ls /nonexistent
        sh -c 'exec /usr/bin/no-such-program'
        head -c 1 /etc/passwd
    done >/dev/null 2>&1 || true
}
activity &
activity_pid=$!
trap 'kill "$activity_pid" 2>/dev/null || true' EXIT

echo
if [ -n "$PWSH" ]; then
    "${AS_ROOT[@]}" "$PWSH" -NoLogo -NoProfile -NonInteractive -File scripts/demo.ps1 </dev/null
else
    say "Without PowerShell, the same engine as a process: output/agent/ebpfps-agent watch exec,open --duration 5 --format text"
    [ -t 1 ] || export COLUMNS=100
    "${AS_ROOT[@]}" output/agent/ebpfps-agent watch exec,open --duration 5 --format text </dev/null
fi
