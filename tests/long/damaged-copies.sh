#!/bin/sh
# T14.6: damages one byte at random in each of many copies of a data folder, and expects `palisade verify` to name it.
# Usage: tests/long/damaged-copies.sh [COPIES] [SEED]; 1,000 take about six minutes.
set -eu
cd "$(dirname "$0")/../.."
export PALISADE_TEST_DAMAGES="${1:-1000}" PALISADE_TEST_SEED="${2:-20270301}"
dotnet build tests/Palisade.Tests -c Release
exec dotnet artifacts/bin/Palisade.Tests/release/Palisade.Tests.dll -method '*DamagedCopiesTests*' -showLiveOutput
