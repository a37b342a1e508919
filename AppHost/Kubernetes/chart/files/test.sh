# What `helm test` runs: registers a small model, has it served, asks the gateway for a prediction of it, and takes all that away again.
# GATEWAY: the gateway's address. ADMIN_TOKEN: the token admin-token. MODEL_FILE: an ONNX model of irises. TIMEOUT: seconds.
set -eu

name=sluice-test-$(date +%s)
request='{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}'

api() {
  curl --silent --show-error --fail-with-body --max-time 30 --header "Authorization: Bearer $ADMIN_TOKEN" "$@"
}

# Says what was answered when it was a refusal.
must() {
  answer=$(api "$@") || { echo "$answer"; exit 1; }
}

# Some of it may not have come to be.
clean_up() {
  for made in "keys/$name" "models/$name/serving" "models/$name"; do
    api --request DELETE "$GATEWAY/api/$made" >/dev/null 2>&1 || true
  done
}
trap clean_up EXIT

echo "registering $name"
must --data-binary "@$MODEL_FILE" --header 'Content-Type: application/octet-stream' "$GATEWAY/api/models/$name/versions"
must --request PUT --header 'Content-Type: application/json' --data '{"stable":1}' "$GATEWAY/api/models/$name/serving"
must --header 'Content-Type: application/json' --data "{\"name\":\"$name\",\"scopes\":[\"infer\"]}" "$GATEWAY/api/keys"
key=$(echo "$answer" | sed -n 's/.*"primary":"\([^"]*\)".*/\1/p')

echo "asking for a prediction"
end=$(($(date +%s) + TIMEOUT))
while true; do
  answer=$(curl --silent --show-error --max-time 30 --write-out '\n%{http_code}' --header "Authorization: Bearer $key" --header 'Content-Type: application/json' \
    --data "$request" "$GATEWAY/v2/models/$name/infer" || true)
  case "$answer" in
    *'
200') break ;;
  esac
  if [ "$(date +%s)" -ge "$end" ]; then
    echo "no prediction within $TIMEOUT s; the last answer:"
    echo "$answer"
    exit 1
  fi
  sleep 1
done

echo "$answer"
case "$answer" in
  *'"model_name":"'"$name"'"'*) echo "a prediction came" ;;
  *) echo "the answer is none of the model"; exit 1 ;;
esac
