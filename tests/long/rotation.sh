#!/usr/bin/env bash
# T6.3: rotates the sealing key over 100,000 items while others are taken, with 50 kills, and opens every item afterwards.
# Usage: tests/long/rotation.sh [items] [kills], after a build. About half an hour on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PALISADE_TEST_ROTATION_ITEMS=${1:-100000} PALISADE_TEST_ROTATION_KILLS=${2:-50} PALISADE_TEST_VAULT_BYTES=2000
exec artifacts/bin/Palisade.Tests/release/Palisade.Tests -method '*A_rotation_that_is_killed*' -showLiveOutput
