#!/bin/sh
# Measures EbpfPs beside bpftrace and bcc's tools, as root; the arguments are ebpfps-bench's.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
missing=
for package in bpftrace libbpf-tools bpfcc-tools gcc; do
	dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
	# A peer that can't be had is a row 'not measured', no failure.
	apt-get update -qq && apt-get install -y -qq $missing || echo "not installed:$missing" >&2
fi
dotnet build "$root/src/EbpfPs" -c Release -v quiet --nologo
dotnet build "$root/src/EbpfPs.Agent" -c Release -v quiet --nologo
dotnet build "$root/bench/EbpfPs.Bench" -c Release -v quiet --nologo
exec "$root/bench/EbpfPs.Bench/bin/Release/net8.0/ebpfps-bench" --root "$root" "$@"
