#!/bin/sh
# Measures scans over HTTP at full load and the latency at half of it: bench/service.sh [options of `palisade bench service`]
set -eu
cd "$(dirname "$0")/.."
dotnet build -c Release -v quiet src/Palisade.Server
palisade=artifacts/bin/Palisade.Server/release/palisade
full=$("$palisade" bench service --json "$@")
echo "$full"
half=$(echo "$full" | sed -n 's/.*"scansPerSecond":\([0-9]*\).*/\1/p')
"$palisade" bench service --json --rate "$((half / 2))" "$@"
