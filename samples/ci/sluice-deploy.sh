#!/usr/bin/env bash
# Registers a folder as the next version of a model, rolls it out, and waits for the end.
#
#   sluice-deploy.sh MODEL FOLDER [METADATA.json]
#
# All files of FOLDER go up with their paths. METADATA.json has what is told about the version: description, labels, metrics, tags, signature.
# The first version of a model becomes stable at once; every later one by a rollout.
#
#   SLUICE_URL      where the Registry or the gateway is, e.g. https://sluice.example (default http://localhost:8080)
#   SLUICE_KEY      a key with the scope register, where keys are asked for
#   SLUICE_ROLLOUT  how to roll out, as JSON (default {"profile": "production"})
#   SLUICE_TIMEOUT  seconds to wait for the end (default 21600); the rollout goes on by itself after that
#
# Exit code: 0 it serves; 1 it was rolled back, the reason is printed; 2 it was refused or the call was wrong; 3 the time is over.
# Needs bash, curl and jq.
set -euo pipefail

[ $# -ge 2 ] && [ -d "$2" ] || { sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 2; }
model=$1 folder=${2%/} metadata=${3:-}
url=${SLUICE_URL:-http://localhost:8080}
deadline=$((SECONDS + ${SLUICE_TIMEOUT:-21600}))
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# call ARGUMENTS...: prints the HTTP status; the body is in $answer. The key goes in by a file descriptor: arguments can be seen by others.
call() {
  curl --silent --show-error --output "$answer" --write-out '%{http_code}' \
    --config <([ -z "${SLUICE_KEY:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$SLUICE_KEY") "$@"
}

# refused STATUS WHAT: tells the problem that the Registry answered, and ends.
refused() {
  echo "$2 was refused ($1): $(jq -r '.detail // .' "$answer" 2>/dev/null || cat "$answer")" >&2
  exit 2
}

parts=()
[ -z "$metadata" ] || parts+=(-F "metadata=<$metadata;type=application/json")
while IFS= read -r -d '' file; do
  parts+=(-F "files=@\"$file\";filename=\"${file#"$folder"/}\"")
done < <(find "$folder" -type f -print0 | sort -z)
[ ${#parts[@]} -gt 0 ] || { echo "$folder has no files" >&2; exit 2; }

status=$(call "${parts[@]}" "$url/api/models/$model/versions")
[ "$status" = 201 ] || refused "$status" "The version"
version=$(jq .version "$answer")
echo "registered version $version of $model, $(jq -r .digest "$answer")"
jq -r '.warnings[]? | "warning: \(.message // .)"' "$answer"

status=$(call "$url/api/models/$model/serving")
if [ "$status" = 404 ]; then
  status=$(call -X PUT -H 'Content-Type: application/json' -d "{\"stable\": $version, \"generation\": 0}" "$url/api/models/$model/serving")
  [ "$status" = 200 ] || refused "$status" "The first version"
  echo "version $version is the first to serve: stable"
  exit 0
fi

default_rollout='{"profile": "production"}'
body=$(jq --argjson version "$version" '. + {version: $version}' <<< "${SLUICE_ROLLOUT:-$default_rollout}")
status=$(call -H 'Content-Type: application/json' -d "$body" "$url/api/models/$model/rollouts")
[ "$status" = 201 ] || [ "$status" = 200 ] || refused "$status" "The rollout"
id=$(jq -r .id "$answer")
echo "rollout $id"

told=''
while [ $SECONDS -lt $deadline ]; do
  # A Registry that restarts or a connection that is cut is no reason to give up: the rollout does not depend on us.
  if status=$(call --max-time 90 "$url/api/rollouts/$id?wait=60s") && [ "$status" = 200 ]; then
    now=$(jq -r '"\(.phase): \(.reason)"' "$answer")
    [ "$now" = "$told" ] || echo "$now"
    told=$now
    case "$(jq -r .phase "$answer")" in
      Promoted) exit 0 ;;
      RolledBack) exit 1 ;;
    esac
  else
    [ "$status" != 404 ] && [ "$status" != 401 ] && [ "$status" != 403 ] || refused "$status" "The look at $id"
    sleep 5
  fi
done

echo "no end within ${SLUICE_TIMEOUT:-21600} s; the rollout goes on: $url/api/rollouts/$id" >&2
exit 3
