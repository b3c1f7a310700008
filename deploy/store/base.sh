#!/bin/sh
# Takes a base backup into /backup/base/<time>, and drops what is older than the last three with the
# log that only they needed. Runs beside the working store:
#   docker compose exec -T store sh /etc/whistle/base.sh [KEEP]
set -eu
backup=${WHISTLE_BACKUP:-/backup}
keep=${1:-3}
name=$(date -u +%Y%m%dT%H%M%SZ)
umask 077
mkdir -p "$backup/base"
rm -rf "$backup"/base/*.part # of a run that was broken off

pg_basebackup -U whistle --no-password -D "$backup/base/$name.part" -Ft -z -X stream --checkpoint=fast
sync "$backup"/base/"$name.part"/*
mv "$backup/base/$name.part" "$backup/base/$name"
echo "$name: $(du -sh "$backup/base/$name" | cut -f1)"

# names sort by time
ls "$backup/base" | sort -r | tail -n "+$((keep + 1))" | while read -r old; do
    rm -rf "${backup:?}/base/$old"
    echo "$old: dropped"
done
oldest=$(ls "$backup/base" | sort | head -n 1)
first=$(tar -xzOf "$backup/base/$oldest/base.tar.gz" backup_label | sed -n 's/^START WAL LOCATION.*file \([0-9A-F]*\).*/\1/p')
pg_archivecleanup -x .gz "$backup/wal" "$first"
