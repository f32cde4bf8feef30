#!/bin/sh
# Takes a backup of the whole fleet: `orrery backup create` where its environment is set (the admin image, a shell
# with ORRERY_POSTGRES__URL and its kin), else of the local stack. Arguments go to `orrery backup create`.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${ORRERY_POSTGRES__URL:-}" ]; then
    [ ! -x .venv/bin/python ] || PATH="$PWD/.venv/bin:$PATH"
    PYTHONPATH=.:gen exec python -m admin backup create "$@"
fi
exec make --no-print-directory orrery A="backup create $*"
