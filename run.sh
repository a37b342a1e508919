#!/usr/bin/env bash
# Sets up what is missing and runs Sluice: the AppHost with the dashboard, registry, gateway, predictors and judge.
# Arguments go to the AppHost, e.g. ./run.sh --Ports:Gateway=9080
set -euo pipefail
cd "$(dirname "$0")"

# The packages folder is the repository's own (nuget.config): a variable of the environment would override that.
unset NUGET_PACKAGES

eng/feed/build.sh

# Built only when a source or a package is newer than the last build: looking at every project again would take seconds of each start.
sources=(AppHost CanaryJudge Contracts Gateway Predictor Registry ServiceDefaults eng/feed/packages Directory.Build.props Directory.Packages.props global.json nuget.config)
built=artifacts/built-for-run
if [ ! -f "$built" ] || [ -n "$(find "${sources[@]}" -newer "$built" -print -quit)" ]; then
  mkdir -p artifacts
  touch "$built.new"
  dotnet build AppHost --verbosity quiet
  mv "$built.new" "$built"
fi

exec dotnet run --project AppHost --no-build -- "$@"
