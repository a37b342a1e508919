#!/usr/bin/env bash
# install-optional.sh PROGRAM:PACKAGE ...  Installs Debian packages whose program (a name on the PATH, or a file) is missing, where this user may.
# Never fails: what stays missing is told, and the tests that need it are skipped with the reason.
set -u

missing=()
for pair in "$@"; do
  program=${pair%%:*}
  if ! command -v "$program" >/dev/null 2>&1 && [ ! -e "$program" ]; then missing+=("${pair#*:}"); fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if ! command -v apt-get >/dev/null 2>&1; then
  echo "optional packages missing: ${missing[*]} (no apt-get here; install them by hand to run their tests)"
  exit 0
elif [ "$(id -u)" -ne 0 ]; then
  if sudo -n true 2>/dev/null; then as_root=(sudo -n); else
    echo "optional packages missing: ${missing[*]} (apt-get needs root; 'sudo apt-get install ${missing[*]}' enables their tests)"
    exit 0
  fi
fi

echo "installing optional packages: ${missing[*]}"
{
  "${as_root[@]}" apt-get update -qq &&
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
} >/dev/null 2>&1 || echo "optional packages could not be installed: ${missing[*]} (their tests are skipped)"
exit 0
