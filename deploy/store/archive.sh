#!/bin/sh
# archive_command of the store: one segment of the write-ahead log, packed, whole or not at all.
#   archive.sh PATH NAME
# Asked again for one that is there already (the server died between the two), it says yes if the
# content is the same.
set -eu
to=${WHISTLE_BACKUP:-/backup}/wal
if [ -e "$to/$2.gz" ]; then
    gunzip <"$to/$2.gz" | cmp -s - "$1"
    exit
fi
gzip -1 <"$1" >"$to/.$2.part"
sync "$to/.$2.part"
mv "$to/.$2.part" "$to/$2.gz"
sync "$to"
