#!/bin/bash
# The classic way: extract everything, copy by the list, pack. Arguments: node, folder of this script,
# where to put the result (a new tar file, or a block device), the images.
set -euo pipefail
node=$1 here=$2 target=$3
shift 3
work=$(mktemp -d "$PWD/classic.XXXXXX")
cleanup() {
  if mountpoint -q "$work/mnt" 2>/dev/null; then umount "$work/mnt"; fi
  rm -rf "$work"
}
trap cleanup EXIT
for image in "$@"; do
  mkdir "$work/in"
  tar xf "$image" -C "$work/in"
  "$node" --disable-warning=ExperimentalWarning "$here/copy-by-list.ts" "$work/in" "$work/out"
  rm -rf "$work/in"
done
if [ -b "$target" ]; then
  mkfs.ext4 -q -F -L ota_cache_src "$target"
  mkdir "$work/mnt"
  mount "$target" "$work/mnt"
  cp -r "$work/out/." "$work/mnt/"
  umount "$work/mnt"
  sync
else
  tar cf "$target" -C "$work/out" .
  sync "$target"
fi
