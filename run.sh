#!/usr/bin/env bash
# Sets up what is missing and runs Sluice: the AppHost with the dashboard, registry, gateway, predictors and judge.
# Arguments go to the AppHost, e.g. ./run.sh --Ports:Gateway=9080
set -euo pipefail
cd "$(dirname "$0")"

# The packages folder is the repository's own (nuget.config): a variable of the environment would override that.
unset NUGET_PACKAGES

eng/feed/build.sh
exec dotnet run --project AppHost -- "$@"
