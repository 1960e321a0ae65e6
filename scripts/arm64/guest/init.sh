#!/bin/busybox sh
# The guest's system: cgroup v2 alone, the disk for results at /out, then the job, then off. Nothing else runs.
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root TMPDIR=/tmp
b=/bin/busybox
$b mkdir -p /usr/local/bin
$b --install -s /usr/local/bin
# The packages' own programs go before busybox's of the same name.
for name in unshare nsenter dmesg setpriv; do rm -f "/usr/local/bin/$name"; done
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for folder in /dev/shm /run /tmp; do mount -t tmpfs tmpfs "$folder"; done
chmod 1777 /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# A group with controllers for its children may hold no process itself.
mkdir /sys/fs/cgroup/init
for pid in $(cat /sys/fs/cgroup/cgroup.procs); do echo "$pid" > /sys/fs/cgroup/init/cgroup.procs; done 2> /dev/null
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control; done
for disk in /sys/block/vd*; do
	[ "$(cat "$disk/serial")" != out ] || mount -t ext4 "/dev/${disk##*/}" /out
done
ip link set lo up
hostname arm64-guest
echo "guest: $(uname -rm), up after $(cut -d ' ' -f 1 /proc/uptime) s"
cd /job && node job.mjs > /out/job.log 2>&1
echo "guest: the job ended with exit code $?"
dmesg > /out/dmesg.txt
umount /out
poweroff -f
