#!/bin/sh
# A million damaged pictures through the sandboxed decoder (T2.1), about 142,900 in each of seven forms.
# Give another total as the first argument. Inputs on which a worker died are kept in worker-deaths/ beside the tests.
set -eu
cd "$(dirname "$0")/../.."
total="${1:-1000000}"
PALISADE_MUTATIONS=$(((total + 6) / 7)) dotnet test --project tests/Palisade.Decoder.Tests -c Release -- \
  --filter-class '*MutatedPictureTests' --show-live-output on
