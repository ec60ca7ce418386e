# shellcheck shell=bash disable=SC2154 # results and limit are of run.sh
# Boots a guest in an emulated machine and keeps what it says. Sourced by run.sh.

# What hardware does in one step and an emulator in many is left out. So is cmpxchg16b: qemu 7.2 leaves garbage in the
# flags register behind it, and an interrupt just then ends in a panic (6.12's allocator has it in its fastest path).
# Since Linux 6.18 that allocator hardly uses it, and kmalloc_nolock(), which task local storage is made with, needs it.
processor() {
    local release=$1 features=max,la57=off,smap=off,erms=off,fsrm=off
    if [ "$(printf '%s\n' 6.18 "$release" | sort -V | head -n 1)" = 6.18 ]; then
        echo "$features"
    else
        echo "$features,cx16=off"
    fi
}

# One boot; what comes over the two serial lines is the console and the results.
boot_once() {
    local guest=$1 kernel=$2 image=$3 suite=$4 tests=$5 priority=0
    [ "$suite" != pester ] || priority=5
    : >"$results/vm-$guest.tsv"
    : >"$results/vm-$guest.console.txt"
    # Emulated, never /dev/kvm: where machines are nested it may be there and hang. Both processors in one thread:
    # with a thread each, qemu 7.2 may go on running an instruction that the kernel has patched, for ever.
    # RCU is expedited: each program that is detached waits for a grace period, and a test with it.
    timeout --kill-after=5 "$limit" nice -n "$priority" qemu-system-x86_64 \
        -accel tcg,thread=single -cpu "$(processor "$(basename "$kernel")")" -smp 2 -m 3072 \
        -nodefaults -display none -no-reboot \
        -serial "file:$results/vm-$guest.console.txt" -serial "file:$results/vm-$guest.tsv" \
        -kernel "$kernel/vmlinuz" -initrd "$image" \
        -append "console=ttyS0 loglevel=5 panic=-1 rcupdate.rcu_expedited=1 EBPFPS_SUITE=$suite EBPFPS_TEST=$tests" </dev/null
}

# Boots a guest, once more when it died before its tests began: that was the emulator.
boot() {
    local guest=$1 status=0 start=$SECONDS
    boot_once "$@" || status=$?
    if [ "$status" -eq 0 ] && [ ! -s "$results/vm-$guest.tsv" ]; then
        say "$guest: died while it booted, after $((SECONDS - start)) s; booting it once more. Its console's last lines:"
        console "$guest" 10
        start=$SECONDS
        boot_once "$@" || status=$?
    fi
    times >"$results/vm-$guest.times" # not in a pipe: that would be another shell, without children
    if [ $status -eq 0 ]; then
        say "$guest: $((SECONDS - start)) s, $(processor_seconds "$guest") s of a processor"
    elif [ $((SECONDS - start)) -ge "$limit" ]; then
        say "$guest: stopped after $limit s"
    elif [ $status -gt 128 ]; then
        say "$guest: killed by somebody else after $((SECONDS - start)) s (signal $((status - 128)))"
    else
        say "$guest: qemu-system-x86_64 ended with $status"
    fi
    if ! grep -qx end "$results/vm-$guest.tsv"; then
        say "$guest didn't come to its end; its console's last lines:"
        console "$guest" 40
    fi
}

# What this shell's children have taken of processors: the machine.
processor_seconds() { awk -F '[ms ]+' 'NR == 2 { print int($1 * 60 + $2 + $3 * 60 + $4) }' "$results/vm-$1.times"; }

console() { tail -n "$2" "$results/vm-$1.console.txt" | tr -d '\r' | sed 's/^/  | /'; }
