#!/usr/bin/env bash
# Runs the `aspire` CLI that eng/feed has: unpacked where the other downloads lie, with a home folder of its own, as its first use unpacks
# about 300 MB there. Example: eng/feed/aspire.sh publish --apphost AppHost/AppHost.csproj -o out
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
package=@microsoft/aspire-cli-linux-x64
version=$(sed -n "\\#\"npm\": \"$package\"#{n;s/.*\"version\": \"\(.*\)\".*/\1/p;}" "$here/packages.json")
folder=$here/downloads/aspire-cli-$version
if [ ! -d "$folder" ]; then
  mkdir -p "$here/downloads"
  tgz=$here/downloads/microsoft-aspire-cli-linux-x64-$version.tgz
  [ -f "$tgz" ] || (cd "$here/downloads" && npm pack --silent "$package@$version" >&2)
  new=$(mktemp -d "$here/downloads/tool-new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  tar xzf "$tgz" -C "$new" --strip-components=1
  mv "$new" "$folder"
  trap - EXIT
fi

unset NUGET_PACKAGES
# The SDK keeps its own home: it would greet, and prepare a folder, once more.
export DOTNET_CLI_HOME=${DOTNET_CLI_HOME:-$HOME} HOME=${ASPIRE_CLI_HOME:-$here/downloads/aspire-home} ASPIRE_CLI_TELEMETRY_OPTOUT=true
mkdir -p "$HOME"
exec "$folder/bin/aspire" "$@"
