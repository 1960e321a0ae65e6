#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# build.sh [OUTDIR]: builds every program for which a compiler is here, into OUTDIR/<machine>/ (default: bin/ beside this file), and
# notes in OUTDIR/COMPILERS.tsv by what: path, SHA-256, tools. The same tools give the same bytes. Needs: gcc for the target (Debian: gcc,
# gcc-aarch64-linux-gnu with libc6-dev-arm64-cross, gcc-arm-linux-gnueabi). What cannot be built is named on stderr and left as it was.
set -eu
export LC_ALL=C SOURCE_DATE_EPOCH=0
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
out=${1:-$here/bin}
mkdir -p "$out"
out=$(CDPATH= cd -- "$out" && pwd)
cd "$here"
notes=$out/COMPILERS.tsv
[ -e "$notes" ] || : > "$notes"

common='-std=c11 -Os -Wall -Wextra -Werror -fno-ident -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector -fno-pie
	-no-pie -s -Wl,--build-id=none -Wl,-z,norelro -Wl,-z,noseparate-code -Wl,-z,noexecstack -Wl,--hash-style=gnu'
# Kernels for arm64 may have pages of 64 KiB; segments aligned to that load under every size.
wide='-Wl,-z,max-page-size=65536'
# Nothing from a C library: neither start files nor calls that the compiler thinks of by itself.
# Each program uses its part of bare.h.
bare="$common -Wno-unused-function -static -nostdlib -ffreestanding -fno-tree-loop-distribute-patterns"

# The compiler for a GNU triplet: by its own name, or plain gcc where that is what it builds for.
compiler_for() {
	if command -v "$1-gcc"; then return; fi
	if command -v gcc > /dev/null && [ "$(gcc -dumpmachine)" = "$1" ]; then command -v gcc; fi
}

# The version behind a tool's name: the name itself differs between native and cross tools.
version_of() { "$@" --version | head -n 1 | sed 's/^[^ ]* //'; }
tools_of() { echo "gcc $(version_of "$1"); $(version_of "$("$1" -print-prog-name=ld)" | sed 's/^ld //')"; }
# Nothing where there is no glibc to compile for.
libc_of() { printf '#include <features.h>\n__GLIBC__.__GLIBC_MINOR__\n' | "$1" -E -P - | sed -n '$s/ //g; $s/^\([0-9.]*\)$/\1/p'; }

# note PATH TOOLS: replaces the line of PATH.
note() {
	sum=$(sha256sum "$out/$1" | cut -d ' ' -f 1)
	{ grep -v "^$1	" "$notes" || :; printf '%s\t%s\t%s\n' "$1" "$sum" "$2"; } | sort > "$notes.new"
	mv "$notes.new" "$notes"
}

# program MACHINE NAME COMPILER TOOLS FLAGS...
program() {
	machine=$1 name=$2 cc=$3 tools=$4
	shift 4
	mkdir -p "$out/$machine"
	"$cc" "$@" -o "$out/$machine/$name.new" "$name.c"
	# One compiler notes its name in a section that no option of its own leaves out.
	strip_of "$cc" --strip-all -R .comment -R .note.gnu.property -R '.note.ABI-tag' -R .ARM.attributes "$out/$machine/$name.new"
	chmod 755 "$out/$machine/$name.new"
	mv "$out/$machine/$name.new" "$out/$machine/$name"
	note "$machine/$name" "$tools"
}
strip_of() { cc=$1; shift; "$("$cc" -print-prog-name=strip)" "$@"; }

# target MACHINE TRIPLET FLAGS: the programs of the machine itself.
target() {
	cc=$(compiler_for "$2") || :
	if [ -z "$cc" ]; then
		echo "build.sh: no gcc for $2: $1/{payload,caller,loader,gate,crowd,attach,bpf-build} not built" >&2
		return
	fi
	tools=$(tools_of "$cc")
	for name in payload caller loader gate crowd attach; do
		# shellcheck disable=SC2086
		program "$1" "$name" "$cc" "$tools" $bare $3
	done
	libc=$(libc_of "$cc" 2> /dev/null) || :
	if [ -z "$libc" ]; then
		echo "build.sh: no C library headers for $2: $1/bpf-build not built" >&2
		return
	fi
	# shellcheck disable=SC2086
	program "$1" bpf-build "$cc" "$tools; glibc $libc" $common $3 -Wl,--as-needed
}

# probe MACHINE TRIPLET FLAGS: the 32-bit program that the machine's kernel may run.
probe() {
	cc=$(compiler_for "$2") || :
	if [ -z "$cc" ]; then
		echo "build.sh: no gcc for $2: $1/probe32 not built" >&2
		return
	fi
	# shellcheck disable=SC2086
	program "$1" probe32 "$cc" "$(tools_of "$cc")" $bare $3
}

target x86_64 x86_64-linux-gnu '-march=x86-64 -fcf-protection=none'
target aarch64 aarch64-linux-gnu '-march=armv8-a -mno-outline-atomics -mbranch-protection=none '"$wide"
probe x86_64 x86_64-linux-gnu '-m32 -march=i686 -fcf-protection=none'
probe aarch64 arm-linux-gnueabi '-marm -march=armv5te -mfloat-abi=soft '"$wide"
