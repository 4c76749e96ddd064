#!/bin/sh
# Runs on the machine that takes an update, after the new root was written to its slot: the kernel of that root goes to the
# slot's folder on the FAT partition, each file whole or not at all.
set -eu

[ "$1" = slot-post-install ]
boot=/boot/firmware
slot=$RAUC_SLOT_BOOTNAME
new=$(mktemp -d)
mount -t squashfs -o ro "$RAUC_SLOT_DEVICE" "$new"
mount -o remount,rw "$boot"
trap 'umount "$new"; sync -f "$boot"; mount -o remount,ro "$boot"' EXIT
mkdir -p "$boot/$slot"
for file in vmlinuz initrd.img; do
    cp "$new/boot/$file" "$boot/$slot/$file.part"
    sync -f "$boot"
    mv "$boot/$slot/$file.part" "$boot/$slot/$file"
done
sed "s/@SLOT@/$slot/g" "$new/usr/lib/antesala/entry" > "$boot/$slot/entry"
