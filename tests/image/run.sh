#!/usr/bin/env bash
# `make image`: builds both images with podman and runs the tests beside this file. Installs nothing: where the
# images cannot be built it says why, and ends well.
set -euo pipefail
cd "$(dirname "$0")/../.."

OFFICIAL=docker.io/library/python:3.12-slim
STAND_IN=localhost/gallra-base
ENGINE=(podman)
# Where nothing keeps cgroups in order, podman keeps its own; crun refuses a tree that is half of each version.
[ -d /run/systemd/system ] || ENGINE+=(--cgroup-manager cgroupfs)
if command -v runc >/dev/null; then ENGINE+=(--runtime runc); fi

skip() {
    echo "Skipped: the images were neither built nor run. $1" >&2
    exit 0
}

# Debian's own Python under a name of its own: it proves the steps, users, rights and the read-only root, not the
# official base.
stand_in() {
    command -v mmdebstrap >/dev/null && [ "$(id -u)" = 0 ] ||
        skip "$OFFICIAL cannot be pulled; to make a base here, be root and: apt-get install mmdebstrap"
    local folder
    folder=$(mktemp -d)
    # python is python3, and pip may write outside a virtual environment, as in the official base.
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates \
        --customize-hook='ln -s python3 "$1/usr/bin/python"' \
        --customize-hook='rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
        bookworm "$folder/base.tar"
    "${ENGINE[@]}" import --quiet --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        "$folder/base.tar" "$STAND_IN"
    rm -r "$folder"
}

build() {
    local mounts=() path
    # How this machine reaches the package index: read while building, in no layer.
    for path in /etc/pip.conf /etc/xdg/pip /etc/ssl/certs/ca-certificates.crt; do
        [ -e "$path" ] && mounts+=(--volume "$path:$path:ro")
    done
    "${ENGINE[@]}" build --quiet --isolation chroot --network host --format docker --pull=never \
        --build-arg "BASE=$BASE" "${mounts[@]}" --target "$1" --tag "localhost/$1" .
}

command -v podman >/dev/null || skip "There is no podman. On Debian: apt-get install podman runc mmdebstrap"
BASE=$OFFICIAL
if ! podman image exists "$BASE" && ! timeout 60 podman pull --quiet "$BASE" 2>/dev/null; then
    BASE=$STAND_IN
    podman image exists "$BASE" || stand_in
fi
echo "On $BASE"
build gallra
build gallra-demo
GALLRA_ENGINE="${ENGINE[*]}" GALLRA_BASE="$BASE" .venv/bin/python -m pytest "$@" tests/image
