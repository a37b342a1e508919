#!/usr/bin/env bash
# Prepares what is missing, builds everything and runs all tests. Its last line is "N passed, N failed, N skipped".
#   ./test.sh          the default suite
#   ./test.sh --long   the long runs too
set -uo pipefail
cd "$(dirname "$0")"
unset NUGET_PACKAGES
export DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

for argument in "$@"; do
  case "$argument" in
    --long) export SLUICE_LONG_TESTS=1 ;;
    *) echo "usage: ./test.sh [--long]" >&2; exit 2 ;;
  esac
done

# Optional programs: installed from Debian where that is possible; without one, its tests are skipped by name with the reason.
eng/install-optional.sh chromium:chromium redis-server:redis-server prometheus:prometheus /usr/lib/python3/dist-packages/sklearn:python3-sklearn /usr/lib/python3/dist-packages/onnx:python3-onnx \
  go:golang-go /usr/share/gocode/src/github.com/Masterminds/sprig:golang-github-masterminds-sprig-dev /usr/share/gocode/src/sigs.k8s.io/yaml:golang-k8s-sigs-yaml-dev

eng/feed/build.sh || exit 1

started=$SECONDS
failures=$(mktemp)
project_limit=$([ -n "${SLUICE_LONG_TESTS:-}" ] && echo 7200 || echo 900) # seconds
passed=0 failed=0 skipped=0 broken=0

# run_project DIRECTORY: runs the tests of one built project and adds up its summary. A run that hangs is ended and counts as failed.
run_project() {
  local log status
  log=$(mktemp)
  echo "== $1"
  timeout --kill-after=30 "$project_limit" dotnet test --project "$1" --no-build --output Normal 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  local total=0 count
  for kind in succeeded failed skipped; do
    count=$(sed -n "s/^ *$kind: *\([0-9]\+\).*/\1/p" "$log" | tail -n 1)
    count=${count:-0}
    total=$((total + count))
    case "$kind" in
      succeeded) passed=$((passed + count)) ;;
      failed) failed=$((failed + count)) ;;
      skipped) skipped=$((skipped + count)) ;;
    esac
  done
  if [ "$total" -eq 0 ]; then
    echo "$1 ran no test (exit code $status)" >&2
    broken=1
  elif [ "$status" -ne 0 ]; then
    broken=1
  fi
  # A failed run prints all that its process wrote, which may be much: what failed, and why, is said once more at the end.
  awk '/^failed / { left = 25 } /^(passed|skipped|==|Test run|Exit code|\/)/ { left = 0 } left-- > 0' "$log" >>"$failures"
  rm -f "$log"
}

build() { dotnet build "$1" --nologo -v quiet -nodeReuse:false || { echo "the build of $1 failed" >&2; echo "0 passed, 1 failed, 0 skipped"; exit 1; }; }

build Solution.sln
build eng/feed/Feed.sln
build eng/feed/aspire/AspireStandIn.sln
build eng/feed/pipelines/PipelinesStandIn.sln

for project in tests/*.Tests eng/feed/tests/*.Tests eng/feed/aspire/tests/*.Tests eng/feed/pipelines/tests/*.Tests; do
  [ -d "$project" ] && run_project "$project"
done

echo
cut -c 1-400 "$failures"
rm -f "$failures"
echo "test time: $((SECONDS - started)) s"
# A runner that died without naming a failed test must not read as green.
if [ "$broken" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
