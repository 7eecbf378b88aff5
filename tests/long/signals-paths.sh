#!/bin/sh
# Runs the tests of Palisade.Signals on every path that a processor may take: vectors of all widths, none of AVX-512,
# none of AVX2, and no intrinsics at all. The last two are slow, so they hash fewer of the generated pictures.
set -eu
cd "$(dirname "$0")/../.."
dotnet build tests/Palisade.Signals.Tests -c Release
run() {
  echo "== ${1:-as the processor is}"
  env ${1:+"$1"} ${2:+"PALISADE_PDQ_PICTURES=$2"} \
    dotnet artifacts/bin/Palisade.Signals.Tests/release/Palisade.Signals.Tests.dll
}
run
run DOTNET_EnableAVX512F=0
run DOTNET_EnableAVX2=0 1000
run DOTNET_EnableHWIntrinsic=0 200
