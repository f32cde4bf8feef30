#!/usr/bin/env bash
# Makes .venv what uv.lock says, getting uv where it is missing. Quick when nothing changed.
# With STACK_EARLY set the parts that need no Python environment (Kafka's jars, the S3 server, Debian's packages) are
# installed beside it, with STACK_EARLY=tests what reads the charts too; whatever fails there is tried again, and
# reported, by `up` or by the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

stack=${STACK_FOLDER:-.stack}
stamp=.venv/.lock-digest
digest=$(sha256sum uv.lock | cut -d' ' -f1)
export UV_PYTHON_DOWNLOADS=never # the machine's own Python, never one from elsewhere

python=$(command -v python3 || true)
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is missing. Run: apt-get install -y python3 python3-venv" >&2
    exit 1
fi

[ "$(cat "$stamp" 2>/dev/null)" = "$digest" ] && exit 0

if [ -n "${STACK_EARLY:-}" ]; then
    mkdir -p "$stack/logs"
    setsid "$python" -m tools.stack.install </dev/null >"$stack/logs/install.log" 2>&1 &
fi

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    uv=.stack/uv/bin/uv
    if [ ! -x "$uv" ]; then
        if ! "$python" -c 'import ensurepip' 2>/dev/null; then
            echo "Python's venv is missing. Run: apt-get install -y python3-venv (then again what you ran)" >&2
            [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 1
            echo "Trying that now." >&2
            apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -yq python3-venv >/dev/null
        fi
        echo "Getting uv …"
        "$python" -m venv .stack/uv
        .stack/uv/bin/pip install --quiet "uv>=$(sed -n 's/^uv = "\([0-9.]*\)".*/\1/p' tools/stack/stack.toml)"
    fi
fi

echo "Getting the Python packages of uv.lock …"
"$uv" sync --all-packages --frozen --quiet
echo "$digest" >"$stamp"
