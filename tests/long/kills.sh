#!/bin/sh
# T14.1: kills a process that takes scans, opens cases, seals evidence and signs the log, again and again, and compares what
# it acknowledged with what is there. Usage: tests/long/kills.sh [KILLS] [SEED]; 10,000 take about an hour and a half.
set -eu
cd "$(dirname "$0")/../.."
export PALISADE_TEST_KILLS="${1:-10000}" PALISADE_TEST_SEED="${2:-20270301}"
dotnet build tests/Palisade.Tests -c Release
exec dotnet artifacts/bin/Palisade.Tests/release/Palisade.Tests.dll -method '*KilledHouseTests.Nothing*' -showLiveOutput
