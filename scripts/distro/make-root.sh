#!/bin/sh
# make-root.sh SUITE DIR MIRROR PACKAGE...: installs a small Debian of that suite with these packages into DIR, or adds
# the packages that it lacks. Runs in a mount and a process namespace of its own, so that nothing it mounts or starts
# is left.
set -eu
suite=$1 dir=$2 mirror=$3
shift 3
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
if [ ! -e "$dir/etc/debian_version" ]; then
  # No documentation, and no writing through to the disk: this Debian need not outlive a crash. From the first package
  # on, so before debootstrap.
  mkdir -p "$dir/etc/dpkg/dpkg.cfg.d" "$dir/etc/apt/apt.conf.d"
  printf 'force-unsafe-io\npath-exclude /usr/share/doc/*\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n' \
    >"$dir/etc/dpkg/dpkg.cfg.d/small"
  # A mirror that stands still serves signed lists that are past their date; for a Debian to test with they will do.
  printf '%s\n' 'Acquire::Languages "none";' 'APT::Install-Recommends "false";' 'Acquire::Check-Valid-Until "false";' \
    >"$dir/etc/apt/apt.conf.d/10small"
  debootstrap --variant=minbase "$suite" "$dir" "$mirror"
  # No package may start its daemon.
  printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
  chmod 755 "$dir/usr/sbin/policy-rc.d"
fi
missing=
for package; do
  chroot "$dir" dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ -e "$dir/proc/self" ] || mount -t proc proc "$dir/proc"
chroot "$dir" apt-get update -qq
# shellcheck disable=SC2086 # a list of names
chroot "$dir" apt-get install -y -qq --no-install-recommends $missing
chroot "$dir" apt-get clean
