#!/bin/sh
# Runs a command as a container of docker-compose.yml would: read-only root, its own small /tmp, a
# user without rights or capabilities. In a mount namespace of its own (unshare -m), as root:
#   cage.sh UID exec|noexec COMMAND…
# CAGE_KEPT: folders that stay what they are; CAGE_CLOSED: folders around them that a user cannot enter.
set -eu
uid=$1 exec=$2
shift 2
mount --make-rprivate /
mount -t tmpfs none /mnt
n=0
for kept in $CAGE_KEPT; do
    n=$((n + 1))
    mkdir "/mnt/$n"
    mount --bind "$kept" "/mnt/$n"
done
for closed in $CAGE_CLOSED; do mount -t tmpfs -o mode=755 none "$closed"; done
mount -o remount,ro,bind /
mount -t tmpfs -o "mode=1777,size=64m,nosuid,nodev,$exec" none /tmp
n=0
for kept in $CAGE_KEPT; do
    n=$((n + 1))
    mkdir -p "$kept"
    mount --bind "/mnt/$n" "$kept"
done
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --bounding-set -all --inh-caps -all \
    --no-new-privs "$@"
