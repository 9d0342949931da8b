#!/bin/sh
# Runs a command with an overlay as its root, in a set of mounts of its own, as overlayroot makes it: the lower
# filesystem is at /media/root-ro, changes are in memory. Everything else of the machine is bound into it.
#   overlay-root.sh <device of the lower filesystem> <seen|hidden> <new root> <command> [argument …]
# To be run by `unshare --mount`, so that all of it goes when the command ends.
set -eu
device=$1 lower=$2 root=$3
shift 3

# A /media of its own: the machine's stays as it is.
mount -t tmpfs tmpfs /media
mkdir -p /media/root-ro /media/root-rw
mount -t ext4 "$device" /media/root-ro
mount -t tmpfs tmpfs /media/root-rw
mkdir /media/root-rw/up /media/root-rw/work
mkdir -p "$root"
mount -t overlay overlayroot \
  -o "lowerdir=/media/root-ro,upperdir=/media/root-rw/up,workdir=/media/root-rw/work" "$root"

for entry in /*; do
  name=${entry#/}
  if [ -L "$entry" ]; then cp -P "$entry" "$root/$name"
  elif [ "$name" = media ]; then mkdir -p "$root/media"
  elif [ -d "$entry" ]; then
    mkdir -p "$root/$name"
    mount --rbind "$entry" "$root/$name"
  fi
done

mkdir -p "$root/media/root-ro" "$root/old"
if [ "$lower" = seen ]; then mount --move /media/root-ro "$root/media/root-ro"; fi
cd "$root"
pivot_root . old
umount -l /old
cd /
exec "$@"
