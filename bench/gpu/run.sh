#!/usr/bin/env bash
# Measures the Predictor on this machine's NVIDIA GPU against the bare session; see docs/performance.md. Arguments: bench/gpu/BenchOptions.cs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
unset NUGET_PACKAGES
"$root/eng/feed/build.sh"
exec dotnet run --configuration Release --project "$root/bench/gpu" -- "$@"
