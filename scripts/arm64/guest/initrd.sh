#!/bin/sh
# First process of the guest: loads what the disks need, and hands over to the system on the disk named root.
b=/bin/busybox
$b mount -t devtmpfs devtmpfs /dev
$b mount -t sysfs sysfs /sys
for module in $($b cat /modules); do $b insmod "/$module.ko"; done
for disk in /sys/block/vd*; do
	# Disks come up in an order of their own: their serials tell them apart.
	[ "$($b cat "$disk/serial")" != root ] || $b mount -t ext4 -o noatime "/dev/${disk##*/}" /root
done
[ -x /root/sbin/init ] || { echo 'guest: no disk named root'; $b poweroff -f; }
$b umount /sys
$b mount --move /dev /root/dev
exec $b switch_root /root /sbin/init
