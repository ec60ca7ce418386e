# shellcheck shell=bash disable=SC2154 # here and root are of run.sh
# Makes what a guest needs for the Pester suite beside the guest's root: PowerShell as it is installed here, Pester, the
# module, and the repository's own files. An archive that follows the root's. Sourced by run.sh.

pwsh=${PWSH:-$(command -v pwsh || true)}

# Prints the folder of Pester 5; nothing when there is none.
pester_folder() {
    # shellcheck disable=SC2016 # the variable is PowerShell's
    timeout 120 "$pwsh" -NoLogo -NoProfile -NonInteractive -Command \
        '(Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 } | Select-Object -First 1).ModuleBase' </dev/null
}

# What keeps the Pester suite from running in a guest: prints it, or nothing.
missing_pester() {
    if [ -z "$pwsh" ]; then
        echo "there is no pwsh on this machine"
    elif [ ! -e "$root/output/EbpfPs/EbpfPs.psd1" ]; then
        echo "output/EbpfPs is not built"
    elif [ -z "$(pester_folder)" ]; then
        echo "Pester 5 is not installed"
    fi
}

# Writes what the suite needs, to follow the image. Everything has the path that it has here.
pester_image() {
    local guest folder headers name path objects=$root/tests/kernel/bin/Release/net8.0/objects
    guest=$(mktemp -d)
    chmod 755 "$guest"
    folder=$(dirname "$(readlink -f "$pwsh")")
    mkdir -p "$guest$folder" "$guest$root" "$guest/usr/bin"
    cp -r "$folder/." "$guest$folder"
    ln -s "$(readlink -f "$pwsh")" "$guest/usr/bin/pwsh"
    copy_with_libraries "$guest" "$folder"/*.so
    folder=$(pester_folder)
    mkdir -p "$guest$folder"
    cp -r "$folder/." "$guest$folder"

    # What .NET loads by name: cultures to compare text by, and hashes.
    for name in libicuuc libicui18n libicudata libssl libcrypto; do
        path=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p | awk -v name="$name" 'index($1, name ".so") == 1 && /x86-64/ && !found++ { print $NF }')
        [ -z "$path" ] || copy_with_libraries "$guest" "$path"
    done

    # For C at the prompt; without it those tests are told to be skipped.
    if path=$(command -v clang); then
        copy_with_libraries "$guest" "$(readlink -f "$path")"
        ln -s "$(readlink -f "$path")" "$guest/usr/bin/clang"
        headers=$(clang -print-resource-dir)
        mkdir -p "$guest$headers"
        cp -r "$headers/include" "$guest$headers/"
    fi

    tar -C "$root" -c --exclude=./output --exclude=./.git --exclude=bin --exclude=obj . | tar -C "$guest$root" -x
    mkdir -p "$guest$root/output" "$guest/etc" "$guest$objects"
    cp -r "$objects/." "$guest$objects"
    cp -r "$root/output/EbpfPs" "$guest$root/output/"
    printf 'export PSModulePath=%q\n' "$(dirname "$(dirname "$folder")")" >"$guest/etc/ebpfps-pester.conf"
    printf 'pester=%q\n' "$root/tests/pester" >>"$guest/etc/ebpfps-pester.conf"
    archive "$guest"
}
