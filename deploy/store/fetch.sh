#!/bin/sh
# restore_command of the store: fetch.sh NAME PATH. A segment that is not there ends the recovery.
set -eu
from=${WHISTLE_BACKUP:-/backup}/wal/$1.gz
[ -e "$from" ] || exit 1
gunzip <"$from" >"$2"
