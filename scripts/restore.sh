#!/bin/sh
# Brings a backup back: scripts/restore.sh latest|ID [--force-overwrite …]
# `orrery backup restore` where its environment is set; the fleet's processes must have ended. Else into the local
# stack: its processes are ended first, and `make up` starts them again.
set -eu
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
    echo "usage: scripts/restore.sh latest|ID [--force-overwrite]" >&2
    exit 2
fi
if [ -n "${ORRERY_POSTGRES__URL:-}" ]; then
    [ ! -x .venv/bin/python ] || PATH="$PWD/.venv/bin:$PATH"
    PYTHONPATH=.:gen exec python -m admin backup restore "$@"
fi
PYTHONPATH=.:gen .venv/bin/python -m tools.stack pause
exec make --no-print-directory orrery A="backup restore $*"
