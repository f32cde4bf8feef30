#!/bin/sh
# Redis, from Debian; what it acknowledged is in its file. Reads REDISCLI_AUTH, the password.
set -eu

exec redis-server - <<END
bind * -::*
port 6379
dir /data
appendonly yes
save ""
maxmemory ${REDIS_MEMORY:-128mb}
maxmemory-policy volatile-lru
requirepass $REDISCLI_AUTH
END
