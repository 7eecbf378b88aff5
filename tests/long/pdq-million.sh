#!/bin/sh
# Hashes generated 512 x 512 pictures the quick way and in the reference's order; any unlike pair fails.
# Usage: tests/long/pdq-million.sh [PICTURES] [FIRST_SEED]; a million take about an hour.
set -eu
cd "$(dirname "$0")/../.."
export PALISADE_PDQ_PICTURES="${1:-1000000}" PALISADE_PDQ_SEED="${2:-100000}"
dotnet build tests/Palisade.Signals.Tests -c Release
exec dotnet artifacts/bin/Palisade.Signals.Tests/release/Palisade.Signals.Tests.dll \
  -method '*Thousands_of_drawn_pictures*' -showLiveOutput
