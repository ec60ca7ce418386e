#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test that this machine can run. The last line is
# 'N passed, N failed, N skipped'. Fails also when a test was skipped that tests/expected-skips.txt does not list.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/setup.sh
. scripts/setup.sh
setup tests
build

RESULTS=$PWD/output/test-results
"${AS_ROOT[@]}" rm -rf "$RESULTS"
mkdir -p "$RESULTS"

# Lines of suite, outcome, name and message, parted by tabs.
ALL=$RESULTS/all.tsv
: >"$ALL"

add() { printf '%s\t%s\t%s\t%s\n' "$@" >>"$ALL"; } # SUITE OUTCOME NAME MESSAGE

# take SUITE EXIT-CODE: puts a suite's own lines of outcome, name and message to the others, and says its counts.
take() {
    local suite=$1 code=$2 lines=$RESULTS/$1.tsv failed
    if [ -s "$lines" ]; then
        awk -F '\t' -v OFS='\t' -v suite="$suite" '{ print suite, $0 }' "$lines" >>"$ALL"
    else
        add "$suite" Failed "the whole suite" "no test ran (exit code $code; output/logs/$suite.log says why)"
    fi
    failed=$(awk -F '\t' -v suite="$suite" '$1 == suite && $2 == "Failed"' "$ALL" | wc -l)
    if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
        add "$suite" Failed "the run itself" "exit code $code, though no test failed (output/logs/$suite.log says why)"
    fi
    say "$suite: $(count "$suite" Passed) passed, $(count "$suite" Failed) failed, $(count "$suite" Skipped) skipped"
}

count() { awk -F '\t' -v suite="$1" -v outcome="$2" '(suite == "" || $1 == suite) && $2 == outcome { n++ } END { print n + 0 }' "$ALL"; }

# xunit SUITE FOLDER LIMIT [AS-ROOT...]: runs one of the .NET test projects as it was built.
xunit() {
    local suite=$1 folder=$2 limit=$3 code=0 dll
    shift 3
    dll=$(find "$folder/bin/Release" -name 'EbpfPs.*Tests.dll' -not -path '*/ref/*' -print -quit)
    say "Testing: $suite (output/logs/$suite.log)"
    "$@" timeout -k 30 "$limit" "$(command -v dotnet)" test "$dll" --logger "trx;LogFileName=$suite.trx" --results-directory "$RESULTS" \
        >"$LOGS/$suite.log" 2>&1 </dev/null || code=$?
    if [ -f "$RESULTS/$suite.trx" ]; then
        awk -f scripts/results.awk "$RESULTS/$suite.trx" >"$RESULTS/$suite.tsv"
        local told
        told=$(grep -o '<Counters total="[0-9]*"' "$RESULTS/$suite.trx" | tr -dc 0-9)
        if [ "$told" != "$(wc -l <"$RESULTS/$suite.tsv")" ]; then
            add "$suite" Failed "the results" "the file tells of $told tests, and $(wc -l <"$RESULTS/$suite.tsv") were read from it"
        fi
    fi
    take "$suite" "$code"
}

xunit unit tests/unit 10m

if [ "$IS_ROOT" -eq 1 ]; then
    xunit kernel tests/kernel 25m "${AS_ROOT[@]}"
else
    add kernel Skipped "the whole suite" "not root"
fi

if [ -z "$PWSH" ]; then
    add pester Skipped "the whole suite, for want of PowerShell" "PowerShell 7.4 or newer could not be had"
elif [ "$IS_ROOT" -eq 0 ]; then
    add pester Skipped "the whole suite" "not root"
else
    say "Testing: pester (output/logs/pester.log)"
    code=0
    "${AS_ROOT[@]}" timeout -k 30 25m "$PWSH" -NoLogo -NoProfile -NonInteractive -File tests/pester/Invoke-Tests.ps1 -Result "$RESULTS/pester.tsv" \
        >"$LOGS/pester.log" 2>&1 </dev/null || code=$?
    if [ "$code" -eq 3 ]; then
        add pester Skipped "the whole suite, for want of Pester" "Pester 5 could not be had"
    else
        take pester "$code"
    fi
fi

# The kernel tests once more, in other kernels, each in an emulated machine of its own: they take longer than all the
# rest together, and are for continuous integration, and on request.
if [ "${TEST_VM:-0}" -eq 0 ]; then
    add vm Skipped "the whole suite, unless TEST_VM=1" "Debian's kernels 5.10 to 7.x in software emulation"
else
    say "Testing: vm (output/logs/vm.log)"
    code=0
    PWSH=$PWSH timeout -k 30 70m tests/vm/run.sh >"$LOGS/vm.log" 2>&1 </dev/null || code=$?
    [ ! -f "$RESULTS/vm-summary.txt" ] || cat "$RESULTS/vm-summary.txt"
    take vm "$code"
fi

# A skip is expected when a line 'SUITE: NAME — REASON' names it; NAME may have * and ?.
is_expected() { # SUITE NAME
    local line pattern
    while IFS= read -r line; do
        pattern=${line%% — *}
        # shellcheck disable=SC2053 # the right side is a pattern
        if [ "${line#\#}" = "$line" ] && [ "$pattern" != "$line" ] && [[ "$1: $2" == $pattern ]]; then
            return 0
        fi
    done <tests/expected-skips.txt
    return 1
}

while IFS=$'\t' read -r suite _ name message; do
    if is_expected "$suite" "$name"; then
        printf 'skipped  %s: %s\n         %s\n' "$suite" "$name" "$message"
    else
        printf 'SKIPPED, and not expected (tests/expected-skips.txt)  %s: %s\n         %s\n' "$suite" "$name" "$message"
        add "$suite" Failed "$name" "was skipped, and tests/expected-skips.txt does not list it"
    fi
done < <(awk -F '\t' '$2 == "Skipped"' "$ALL")

while IFS=$'\t' read -r suite _ name message; do
    printf 'FAILED   %s: %s\n         %.400s\n' "$suite" "$name" "$message"
done < <(awk -F '\t' '$2 == "Failed"' "$ALL")

failed=$(count "" Failed)
echo "$(count "" Passed) passed, $failed failed, $(count "" Skipped) skipped"
[ "$failed" -eq 0 ]
