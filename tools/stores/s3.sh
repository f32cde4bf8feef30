#!/bin/sh
# versitygw over a folder. Reads ROOT_ACCESS_KEY and ROOT_SECRET_KEY; tools.stores.buckets makes the fleet's key.
set -eu
mkdir -p /data/accounts /data/objects /data/sidecar

# An object's metadata stand in the file's attributes, where the volume keeps such.
if python -c 'import os; os.setxattr("/data", "user.orrery", b"1")' 2> /dev/null; then
    set --
else
    set -- --sidecar /data/sidecar
fi
exec versitygw --region us-east-1 --port :7070 --keep-alive --health /healthz --quiet --iam-dir /data/accounts \
    posix "$@" /data/objects
