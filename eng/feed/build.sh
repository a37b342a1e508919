#!/usr/bin/env bash
# Makes the packages that the configured NuGet sources lack; see docs/feed.md. Where they lack none, it makes none.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
unset NUGET_PACKAGES

# The tool is built once for each state of its sources and each SDK, in a folder that gets its name when it is whole.
key=$( (cd "$root" && dotnet --version && cat "$here"/tool/*.cs* Directory.Build.props) | cksum | cut -d ' ' -f 1)
tool=$here/downloads/tool-$key
if [ ! -d "$tool" ]; then
  echo "feed: building the tool"
  mkdir -p "$here/downloads"
  find "$here/downloads" -maxdepth 1 -name 'tool-*' -mmin +60 -exec rm -rf {} +
  new=$(mktemp -d "$here/downloads/tool-new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  said=$(dotnet build "$here/tool/Feed.csproj" --configuration Release -nodeReuse:false --verbosity quiet \
    -p:ArtifactsPath="$new/artifacts" --output "$new/tool" 2>&1) || { echo "$said" >&2; exit 1; }
  [ -d "$tool" ] || mv "$new/tool" "$tool"
  rm -rf "$new"
fi

exec dotnet "$tool/feed.dll" "$root"
