#!/usr/bin/env bash
# Builds, and packs the module and the agent: output/packages/NAME-VERSION-linux-ARCHITECTURE.tar.gz. The same sources
# and the same tools give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

dotnet build EbpfPs.sln -c Release
version=$(dotnet msbuild src/EbpfPs/EbpfPs.csproj -getProperty:Version)
case $(uname -m) in
    aarch64) architecture=arm64 ;;
    *) architecture=x64 ;;
esac
time=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Directory.Build.props)

pack() { # FOLDER NAME
    local file=output/packages/$2-$version-linux-$architecture.tar.gz
    tar --create --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' \
        --transform="s,^\./,$2/," --transform="s,^\.$,$2," --directory="$1" . | gzip -9n >"$file"
    echo "$file"
}

mkdir -p output/packages
pack output/EbpfPs EbpfPs
pack output/agent ebpfps-agent
