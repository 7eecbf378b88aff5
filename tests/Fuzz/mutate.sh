#!/bin/sh
# A million damaged pictures through the sandboxed decoder (T2.1), about 166,700 in each of six forms.
# Give another total as the first argument. Inputs on which a worker died are kept in worker-deaths/ beside the tests.
set -eu
cd "$(dirname "$0")/../.."
total="${1:-1000000}"
PALISADE_MUTATIONS=$(((total + 5) / 6)) dotnet test --project tests/Palisade.Decoder.Tests -c Release -- \
  --filter-class '*MutatedPictureTests' --show-live-output on
