#!/usr/bin/env bash
# Builds one image for skaffold, which says in IMAGE, PUSH_IMAGE, PLATFORMS and BUILD_CONTEXT what it wants:
#   build.sh gateway
set -euo pipefail
cd "$BUILD_CONTEXT"

case $1 in
    admin) options=(--target admin) ;;
    stores)
        python3 -m tools.stack.install # the servers' programs, which the image takes over
        options=(--target stores --build-context "installed=${STACK_INSTALLED:-.stack/installed}")
        ;;
    gateway) options=(--target fleet --build-arg SERVICE=gateway) ;;
    *) options=(--target fleet --build-arg "SERVICE=services/${1//-/_}") ;;
esac
[ -z "${PLATFORMS:-}" ] || options+=(--platform "$PLATFORMS")
if [ "${PUSH_IMAGE:-false}" = true ]; then options+=(--push); else options+=(--load); fi

exec docker buildx build "${options[@]}" --tag "$IMAGE" .
