#!/bin/sh
# Hashes generated 512 x 512 pictures the quick way and in the reference's order; any unlike pair fails.
# Usage: tests/long/pdq-million.sh [PICTURES] [FIRST_SEED]
set -eu
cd "$(dirname "$0")/../.."
export PALISADE_PDQ_PICTURES="${1:-1000000}" PALISADE_PDQ_SEED="${2:-100000}"
exec dotnet test --project tests/Palisade.Signals.Tests -c Release -- \
  --filter-method '*Thousands_of_drawn_pictures*' --show-live-output on
