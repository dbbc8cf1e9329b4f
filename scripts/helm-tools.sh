#!/usr/bin/env bash
# Builds Helm and kube-check (scripts/helm) when they are not there yet, once for all checkouts, and prints the folder that holds both.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/helm" && pwd)
cache=${SERVICES_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nowhere}/.cache}/flow-automation-services}
mkdir -p "$cache" 2> /dev/null && [ -w "$cache" ] || cache=$source/../../.services/cache

fail() {
  echo "helm-tools.sh: $*" >&2
  exit 1
}

needed=$(sed -n 's/^go //p' "$source/go.mod")
folder=$cache/helm-$(cat "$source"/* | sha256sum | cut -c 1-16)
if [ ! -d "$folder" ]; then
  command -v go > /dev/null || fail "Go $needed or newer is needed to build Helm, and there is no go in PATH."
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  echo 'Building Helm and kube-check, once for all checkouts: some minutes ...' >&2
  # The versions of Kubernetes that Helm asks charts about are set when it is built; without them it would say 1.20.
  minor=$(sed -n 's:^[[:space:]]*k8s.io/kubernetes v1\.\([0-9]*\).*:\1:p' "$source/go.mod")
  flags='-s -w'
  for package in helm.sh/helm/v3/pkg/chartutil helm.sh/helm/v3/pkg/lint/rules; do
    flags+=" -X $package.k8sVersionMajor=1 -X $package.k8sVersionMinor=$minor"
  done
  # Versions and sums are those of go.mod and go.sum.
  (cd "$source" && nice go build -buildvcs=false -mod=readonly -trimpath -ldflags "$flags" -o "$new/" . helm.sh/helm/v3/cmd/helm) >&2 ||
    fail "Helm could not be built: Go $needed or newer, and the Go module proxy, are needed (this is $(go version))."
  mv -T "$new" "$folder" 2> /dev/null || rm -rf "$new" # Another checkout was faster.
fi
echo "$folder"
