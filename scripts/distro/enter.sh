#!/bin/bash
# enter.sh COMMAND...: runs a command in the Debian at $BENCH_ROOT. Started by `unshare` in mount, network and process
# namespaces of its own, in which this is process 1; those it makes itself give it a cgroup v2 tree of its own
# ($BENCH_CGROUP). All that is written goes to memory, apart from $BENCH_OUT, which is /out there.
set -eu
if [ "${1:-}" != --inside ]; then
  # A process sees its own cgroup as the root only where it was moved there before it gets a cgroup namespace.
  echo 0 >"$BENCH_CGROUP/cgroup.procs"
  exec unshare --cgroup "$0" --inside "$@"
fi
shift

# layered LOWER NAME TARGET: what lies in LOWER, and may be written to without changing it.
layered() {
  mkdir -p "$scratch/$2.upper" "$scratch/$2.work" "$3"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$scratch/$2.upper,workdir=$scratch/$2.work" "$3"
}

scratch=$BENCH_SCRATCH
mount -t tmpfs -o mode=0755 tmpfs "$scratch"
root=$scratch/root
layered "$BENCH_ROOT" root "$root"
chmod 755 "$root"
layered "$BENCH_REPOSITORY" repository "$root/srv/bench"
mkdir -p "$root/out"
mount --bind "$BENCH_OUT" "$root/out"
if [ -n "$BENCH_OPT" ]; then
  mkdir -p "$root/opt/other"
  mount --bind -o ro "$BENCH_OPT" "$root/opt/other"
fi
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
# Runtimes enable controllers for their own cgroups, which the kernel refuses where the parent has processes.
mkdir "$root/sys/fs/cgroup/init"
echo 0 >"$root/sys/fs/cgroup/init/cgroup.procs"
ip link set lo up 2>/dev/null || true
cd "$root"
mkdir -p .old
pivot_root . .old
umount -l /.old
cd /srv/bench
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/tmp LC_ALL=C.UTF-8
mkdir -p /root
# Not exec: as process 1 the shell reaps what others leave.
status=0
"$@" || status=$?
exit $status
