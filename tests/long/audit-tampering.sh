#!/bin/sh
# T15.3 in full: 1,000 tampered copies of an audit log; the first bad entry of each must be named. Some minutes.
set -eu
cd "$(dirname "$0")/../.."
PALISADE_TAMPERED_COPIES="${1:-1000}" dotnet test --project tests/Palisade.Tests -- --filter-class '*TamperingTests'
