/* SPDX-License-Identifier: Apache-2.0
 *
 * The place of a container of the built-in engine, made by the loader in namespaces that are new already: mounts, the root, limits and capabilities.
 * A place file (written by engine/namespaces/place.ts) is a list of words, each ended by a zero byte; every step is a letter and its words:
 *   m SOURCE TARGET TYPE FLAGS DATA   mount(2); an empty word is no pointer
 *   r TARGET FLAGS                    mounts TARGET once more with FLAGS and those that it has: without root a mount must keep its flags
 *   d PATH | f PATH                   makes a folder or an empty file to mount on, where it is not there
 *   p ROOT                            ROOT, a mount point, becomes the root, and every other mount is gone
 *   w PATH                            the working directory
 *   l RESOURCE LIMIT                  setrlimit(2), soft and hard
 *   c 0101...                         keeps the capabilities whose number has a 1 here, in every set but the inheritable and ambient ones
 */
#ifndef CONTAIN_H
#define CONTAIN_H

#include "start-other.h"

enum { MS_REMOUNT = 32, MS_BIND = 4096, MNT_DETACH = 2, AT_FDCWD = -100, O_CREAT = 0100, O_CLOEXEC = 02000000 };
enum { PR_CAPBSET_DROP = 24, CAPABILITIES_V3 = 0x20080522, MOST_CAPABILITIES = 64 };
/* statfs(2) gives the flags of a mount by the numbers of mount(2), but for this one. */
enum { ST_RELATIME = 4096, MS_RELATIME = 1 << 21, ST_KEPT = 1 | 2 | 4 | 8 | 1024 | 2048 };
enum { PLACE_BYTES = 256 * 1024 };

static char place_text[PLACE_BYTES];
static const char *place_next, *place_end;

static void place_fault(const char *step, const char *subject, long result) __attribute__((noreturn));
static void place_fault(const char *step, const char *subject, long result)
{
	fault(EXIT_OWN_FAULT, "loader", step, subject, result);
}

static const char *word(void)
{
	const char *text = place_next;
	if (text >= place_end)
		place_fault("expected one more word in the place file", 0, 0);
	place_next = text + length(text) + 1;
	return text;
}

static long place_number(void)
{
	const char *text = word();
	long value = number(text, '\0');
	if (value < 0)
		place_fault("expected a number in the place file, got", text, 0);
	return value;
}

static long pointer_or_none(const char *text)
{
	return *text == '\0' ? 0 : (long)text;
}

static void step_mount(void)
{
	const char *source = word(), *target = word(), *type = word();
	long flags = place_number();
	const char *data = word();
	long result = call5(NR_mount, pointer_or_none(source), (long)target, pointer_or_none(type), flags, pointer_or_none(data));
	if (result < 0)
		place_fault("mount on", target, result);
}

static void step_remount(void)
{
	/* struct statfs has 120 bytes; f_flags is its eleventh word. */
	long facts[16];
	const char *target = word();
	long flags = place_number();
	long result = call3(NR_statfs, (long)target, (long)facts, 0);
	if (result < 0)
		place_fault("statfs", target, result);
	flags |= (facts[10] & ST_KEPT) | ((facts[10] & ST_RELATIME) != 0 ? MS_RELATIME : 0);
	result = call5(NR_mount, 0, (long)target, 0, MS_REMOUNT | MS_BIND | flags, 0);
	if (result < 0)
		place_fault("mount again", target, result);
}

static void step_folder(void)
{
	const char *path = word();
	long result = call3(NR_mkdirat, AT_FDCWD, (long)path, 0755);
	if (result < 0 && result != -E_EXIST)
		place_fault("make folder", path, result);
}

static void step_file(void)
{
	const char *path = word();
	long fd = call5(NR_openat, AT_FDCWD, (long)path, O_CREAT | O_CLOEXEC, 0644, 0);
	if (fd < 0)
		place_fault("make file", path, fd);
	call3(NR_close, fd, 0, 0);
}

/* pivot_root(".", ".") puts the old root over the new one, where it can be unmounted without a folder for it. */
static void step_root(void)
{
	const char *root = word();
	long result = call3(NR_chdir, (long)root, 0, 0);
	if (result >= 0)
		result = call3(NR_pivot_root, (long)".", (long)".", 0);
	if (result >= 0)
		result = call3(NR_umount2, (long)".", MNT_DETACH, 0);
	if (result >= 0)
		result = call3(NR_chdir, (long)"/", 0, 0);
	if (result < 0)
		place_fault("change the root to", root, result);
}

static void step_folder_of_work(void)
{
	const char *path = word();
	long result = call3(NR_chdir, (long)path, 0, 0);
	if (result < 0)
		place_fault("change to folder", path, result);
}

static void step_limit(void)
{
	unsigned long limit[2];
	const char *name = place_next;
	long resource = place_number();
	long result;
	limit[0] = limit[1] = (unsigned long)place_number();
	result = call5(NR_prlimit64, 0, resource, (long)limit, 0, 0);
	if (result < 0)
		place_fault("set limit", name, result);
}

/* Those that this process has not got are not kept either. */
static void step_capabilities(void)
{
	struct { unsigned int version; int pid; } head = { CAPABILITIES_V3, 0 };
	struct { unsigned int effective, permitted, inheritable; } sets[2];
	const char *kept = word();
	unsigned long count = length(kept);
	long result = call3(NR_capget, (long)&head, (long)sets, 0);
	if (result < 0)
		place_fault("read capabilities", 0, result);
	for (unsigned int i = 0; i < MOST_CAPABILITIES; i++) {
		if (i < count && kept[i] == '1')
			continue;
		sets[i / 32].permitted &= ~(1u << i % 32);
		result = call5(NR_prctl, PR_CAPBSET_DROP, i, 0, 0, 0);
		/* A number that this kernel has not got; all above it are unknown too. */
		if (result < 0 && result != -E_INVAL)
			place_fault("drop capabilities", 0, result);
	}
	for (int i = 0; i < 2; i++) {
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	result = call3(NR_capset, (long)&head, (long)sets, 0);
	if (result < 0)
		place_fault("set capabilities", 0, result);
}

static void read_place(const char *path)
{
	unsigned long have = 0;
	long fd = call5(NR_openat, AT_FDCWD, (long)path, O_CLOEXEC, 0, 0);
	if (fd < 0)
		place_fault("open", path, fd);
	for (;;) {
		long n = call3(NR_read, fd, (long)(place_text + have), (long)(PLACE_BYTES - have));
		if (n == -E_INTR)
			continue;
		if (n < 0)
			place_fault("read", path, n);
		if (n == 0)
			break;
		have += (unsigned long)n;
	}
	call3(NR_close, fd, 0, 0);
	if (have == PLACE_BYTES || (have > 0 && place_text[have - 1] != '\0'))
		place_fault("expected less than 256 KiB of whole words in", path, 0);
	place_next = place_text;
	place_end = place_text + have;
}

static void make_place(const char *path)
{
	read_place(path);
	while (place_next < place_end) {
		const char *step = word();
		if (same(step, "m"))
			step_mount();
		else if (same(step, "r"))
			step_remount();
		else if (same(step, "d"))
			step_folder();
		else if (same(step, "f"))
			step_file();
		else if (same(step, "p"))
			step_root();
		else if (same(step, "w"))
			step_folder_of_work();
		else if (same(step, "l"))
			step_limit();
		else if (same(step, "c"))
			step_capabilities();
		else
			place_fault("expected m, r, d, f, p, w, l or c in the place file, got", step, 0);
	}
}

#endif
