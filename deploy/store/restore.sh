#!/bin/sh
# Fills an empty data folder from a base backup, and tells the server to add the archived log. The
# store has to be stopped, and its volume empty; the next start does the rest:
#   docker compose run --rm --no-deps --entrypoint sh store /etc/whistle/restore.sh [BASE] [UNTIL]
# BASE: a name under /backup/base, otherwise the newest; UNTIL: a time with its offset, as
# "2026-03-01 12:00:00+08", otherwise all that there is.
set -eu
backup=${WHISTLE_BACKUP:-/backup}
data=${PGDATA:?}
base=${1:-$(ls "$backup/base" | grep -v part | sort | tail -n 1)}
until=${2:-}
here=$(cd "$(dirname "$0")" && pwd)

stop() { printf 'restore: %s\n' "$*" >&2; exit 2; }
[ -n "$base" ] || stop "there is no base backup in $backup/base"
[ -r "$backup/base/$base/base.tar.gz" ] || stop "$backup/base/$base is no base backup"
if [ -d "$data" ] && [ -n "$(ls -A "$data")" ]; then
    stop "$data is not empty: what is in it may be all that is left; move it away first"
fi
umask 077
mkdir -p "$data/pg_wal"
tar -xzf "$backup/base/$base/base.tar.gz" -C "$data"
tar -xzf "$backup/base/$base/pg_wal.tar.gz" -C "$data/pg_wal"
{
    echo "restore_command = 'WHISTLE_BACKUP=$backup sh $here/fetch.sh %f %p'"
    echo "recovery_target_action = 'promote'"
    echo "recovery_target_time = '$until'" # also an empty one: an earlier restore left its own
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
echo "restored $base; start the store"
