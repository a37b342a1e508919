#!/usr/bin/env bash
# Builds the container images of the services, without a container engine; docs/images.md.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'USAGE'
usage: eng/images.sh (--registry HOST[/PREFIX] | --archives DIR) [option ...] [service ...]

Services: registry, gateway, predictor, canaryjudge. Default: all.

  --registry HOST[/PREFIX]  push the images to a registry, as HOST[/PREFIX]/sluice/SERVICE:TAG
  --archives DIR            write DIR/sluice-SERVICE-TAG.tar.gz, for `docker load`, `podman load` or `ctr images import`
  --tag TAG                 default: the version; the GPU variant's tag has -gpu behind it
  --variant cpu|gpu|both    of the predictor; default: cpu
  --base-image IMAGE        instead of ASP.NET's; it has to have ASP.NET 10
  --gpu-base-image IMAGE    instead of NVIDIA's; it has to have CUDA 13 and cuDNN 9
  -p:NAME=VALUE             a property of MSBuild, for every image, e.g. -p:RepositoryUrl=https://…
  --help                    this text
USAGE
}

fail() { echo "images: $1" >&2; exit "${2:-1}"; }

registry="" archives="" tag="" variant=cpu base="" gpu_base=""
properties=() services=()
while [ $# -gt 0 ]; do
  case "$1" in
    --registry | --archives | --tag | --variant | --base-image | --gpu-base-image)
      [ $# -ge 2 ] && [ -n "$2" ] || fail "$1 needs a value; --help tells" 2
      case "$1" in
        --registry) registry=${2%/} ;;
        --archives) archives=$2 ;;
        --tag) tag=$2 ;;
        --variant) variant=$2 ;;
        --base-image) base=$2 ;;
        --gpu-base-image) gpu_base=$2 ;;
      esac
      shift
      ;;
    -p:*=*) properties+=("$1") ;;
    --help | -h) usage; exit 0 ;;
    registry) services+=(Registry) ;;
    gateway) services+=(Gateway) ;;
    predictor) services+=(Predictor) ;;
    canaryjudge) services+=(CanaryJudge) ;;
    -*) fail "unknown option $1; --help tells" 2 ;;
    *) fail "there is no service $1: registry, gateway, predictor and canaryjudge are" 2 ;;
  esac
  shift
done
case "$variant" in
  cpu | gpu) variants=("$variant") ;;
  both) variants=(cpu gpu) ;;
  *) fail "--variant is $variant: cpu, gpu or both is expected" 2 ;;
esac
[ -n "$registry" ] || [ -n "$archives" ] || fail "say where to: --registry or --archives; --help tells" 2
[ -z "$registry" ] || [ -z "$archives" ] || fail "--registry or --archives, not both" 2
[ ${#services[@]} -gt 0 ] || services=(Registry Gateway Predictor CanaryJudge)
command -v dotnet >/dev/null || fail "there is no dotnet on the PATH: install the .NET 10 SDK"

if [ -n "$archives" ]; then
  mkdir -p "$archives" || fail "the folder $archives cannot be made"
  archives=$(cd "$archives" && pwd)
fi

# The packages folder is the repository's own (nuget.config): a variable of the environment would override that.
unset NUGET_PACKAGES
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# Of the commit: the same sources get the same labels.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null)}
export SOURCE_DATE_EPOCH

# Where eng/feed makes ONNX Runtime's package, it puts CUDA in only where it is wanted.
if [ "$variant" != cpu ]; then export SLUICE_FEED_CUDA=${SLUICE_FEED_CUDA:-1}; fi
"$root/eng/feed/build.sh" || fail "the packages could not be prepared"

if [ -z "$tag" ]; then
  tag=$(dotnet msbuild "$root/Registry" -nologo "${properties[@]}" -getProperty:Version) || fail "the version could not be read: $tag"
fi

# publish PROJECT VARIANT: one image. Its build has a folder of its own and leaves that of the developer alone; paths in it are the repository's, not the machine's.
publish() {
  local name=${1,,} full_tag=$tag image said
  local from=$base
  if [ "$2" = gpu ]; then
    full_tag=$tag-gpu from=$gpu_base
  fi
  local options=(-p:SluiceVariant="$2" -p:ContainerImageTag="$full_tag")
  if [ -n "$from" ]; then options+=(-p:ContainerBaseImage="$from"); fi

  if [ -n "$registry" ]; then
    local prefix=""
    case "$registry" in */*) prefix=${registry#*/}/ ;; esac
    image=$registry/sluice/$name:$full_tag
    options+=(-p:ContainerRegistry="${registry%%/*}" -p:ContainerRepository="${prefix}sluice/$name")
  else
    image=$archives/sluice-$name-$full_tag.tar.gz
    options+=(-p:ContainerArchiveOutputPath="$image")
  fi

  if ! said=$(dotnet publish "$root/$1" --configuration Release --runtime linux-x64 -t:PublishContainer -nodeReuse:false -v:quiet \
    -p:ArtifactsPath="$root/artifacts/images" -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false "${options[@]}" "${properties[@]}" \
    -getProperty:GeneratedContainerDigest -getProperty:GeneratedContainerManifest 2>&1); then
    grep -v '^ *[{}"]\|error [A-Z0-9]*:  *at \|error [A-Z0-9]*:  *--- End' <<<"$said" >&2
    echo "images: $image was not made" >&2
    return 1
  fi

  # The manifest, JSON in a text of JSON, names the size of the configuration and of every layer, the base's included.
  local digest size
  said=${said//\\u0022/\"}
  digest=$(grep -o 'sha256:[0-9a-f]\{64\}' <<<"$said" | head -n 1)
  size=$(grep -o '"size":[0-9]\+' <<<"$said" | awk -F : '{ sum += $2 } END { printf "%.1f MB", sum / 1e6 }')
  echo "$image  $size  $digest"
}

failed=0
for service in "${services[@]}"; do
  if [ "$service" = Predictor ]; then
    for each in "${variants[@]}"; do publish Predictor "$each" || failed=1; done
  else
    publish "$service" cpu || failed=1
  fi
done
exit "$failed"
