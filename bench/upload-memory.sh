#!/bin/sh
# Sends 64 uploads of 60 MB at once and shows what they cost: how many were read and how many were told to come back, and
# how far the service's memory rose. Ends with 1 when it rose by more than what the service lets in (256 MiB) and a third.
set -eu
cd "$(dirname "$0")/.."
dotnet build -c Release -v quiet src/Palisade.Server
palisade=artifacts/bin/Palisade.Server/release/palisade
work=$(mktemp -d)
trap 'kill "$service" 2>/dev/null || true; rm -rf "$work"' EXIT

key=$("$palisade" key create --name uploads --scope scan --data "$work/data")
"$palisade" serve --data "$work/data" --url http://127.0.0.1:0 --development > "$work/said" 2> "$work/log" &
service=$!
until address=$(sed -n 's/^Palisade answers at //p' "$work/said") && [ -n "$address" ] && curl -fs "$address/readyz" > "$work/ready"; do
    sleep 0.2
done

# A JPEG's first bytes and then nothing of use: it is read whole, hashed, and held as unreadable.
{ printf '\377\330\377\340'; head -c 60000000 /dev/urandom; } > "$work/upload"
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$service/status"; }
send() {
    curl -s -o "$work/answer.$1" -w '%{http_code}\n' -H "Authorization: Bearer $key" -H 'Expect: 100-continue' \
        -F service=avatars -F "file=@$work/upload" "$address/v1/scan" || true
}

before=$(peak)
for number in $(seq 64); do send "$number" & uploads="${uploads:-} $!"; done > "$work/statuses"
for upload in $uploads; do wait "$upload"; done
after=$(peak)

sort "$work/statuses" | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/  \1 answered \2/'
echo "  memory at most $((after / 1024)) MiB, $((before / 1024)) MiB before"
[ $(((after - before) / 1024)) -le 341 ]
