#!/usr/bin/env bash
# Makes the packages that the configured NuGet sources lack; see docs/feed.md. Where they lack none, it makes none.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
unset NUGET_PACKAGES

# The tool is built once for each state of its sources and each SDK, in a folder of its own that gets its name when it is whole.
key=$( (cd "$root" && dotnet --version && cat "$here"/tool/*.cs* Directory.Build.props) | cksum | cut -d ' ' -f 1)
tool=$here/downloads/tool-$key
if [ ! -d "$tool" ]; then
  mkdir -p "$here/downloads"
  new=$(mktemp -d "$here/downloads/tool-new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  dotnet build "$here/tool/Feed.csproj" -c Release -nodeReuse:false -v quiet --nologo -p:ArtifactsPath="$new/artifacts" -o "$new/tool"
  [ -d "$tool" ] || mv "$new/tool" "$tool"
fi

exec dotnet "$tool/feed.dll" "$root"
