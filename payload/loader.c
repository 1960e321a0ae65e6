/* SPDX-License-Identifier: Apache-2.0
 *
 * loader [--place FILE] FD[:FLAGS[:TIMES]] PROGRAM [ARGS...]
 *
 * Sets no_new_privs, loads the seccomp filter (an array of struct sock_filter) that can be read from descriptor FD, then becomes PROGRAM with its own
 * environment. FLAGS is the decimal flags word of seccomp(2), 0 where it is not given; TIMES loads the same filter so many times, one upon the other.
 * FD "-" means no filter. With --place it first makes the container's place in its new namespaces, as FILE says (contain.h).
 * A fault is one line on stderr; exit 125, or 126 and 127 where PROGRAM cannot be run or is not there.
 */
#include "contain.h"

enum { PR_SET_NO_NEW_PRIVS = 38, SECCOMP_SET_MODE_FILTER = 1, MOST_INSTRUCTIONS = 4096 };

struct instruction { unsigned short code; unsigned char jt, jf; unsigned int k; };
struct program { unsigned short length; struct instruction *instructions; };

/* `space` holds one instruction more than the kernel takes, to tell "too long" from "just fits". */
static unsigned short read_filter(int fd, const char *name, struct instruction space[MOST_INSTRUCTIONS + 1])
{
	const unsigned long most = (MOST_INSTRUCTIONS + 1) * sizeof *space;
	unsigned long have = 0;
	/* Whoever wrote the filter left the offset at its end. A pipe has none, and needs none. */
	call3(NR_lseek, fd, 0, 0);
	for (;;) {
		long n = call3(NR_read, fd, (long)((char *)space + have), (long)(most - have));
		if (n == -E_INTR)
			continue;
		if (n < 0)
			fault(EXIT_OWN_FAULT, "loader", "read filter from descriptor", name, n);
		if (n == 0)
			break;
		have += (unsigned long)n;
	}
	if (have == 0 || have % sizeof *space != 0)
		fault(EXIT_OWN_FAULT, "loader", "expected whole instructions of 8 bytes in descriptor", name, 0);
	if (have / sizeof *space > MOST_INSTRUCTIONS)
		fault(EXIT_OWN_FAULT, "loader", "expected at most 4096 instructions in descriptor", name, 0);
	return (unsigned short)(have / sizeof *space);
}

/* What follows the first colon, 0 where there is none. */
static const char *after(const char *text)
{
	while (*text != '\0' && *text != ':')
		text++;
	return *text == ':' ? text + 1 : 0;
}

static void load(const char *name)
{
	struct instruction space[MOST_INSTRUCTIONS + 1];
	struct program filter;
	const char *flags_at = after(name), *times_at = flags_at == 0 ? 0 : after(flags_at);
	long fd = number(name, flags_at == 0 ? '\0' : ':');
	long flags = flags_at == 0 ? 0 : number(flags_at, times_at == 0 ? '\0' : ':');
	long times = times_at == 0 ? 1 : number(times_at, '\0');
	long result;

	if (fd < 0 || flags < 0 || times < 1)
		fault(EXIT_OWN_FAULT, "loader", "expected a descriptor number, got", name, 0);

	filter.length = read_filter((int)fd, name, space);
	filter.instructions = space;
	/* Closed before the filter is there: it may deny close. */
	call3(NR_close, fd, 0, 0);
	/* From the second time on the filter itself must allow seccomp(2). */
	for (; times > 0; times--) {
		result = call3(NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, (long)&filter);
		if (result < 0)
			fault(EXIT_OWN_FAULT, "loader", "load filter", 0, result);
		/* With SECCOMP_FILTER_FLAG_TSYNC the kernel gives the thread that could not follow; there is only one here. */
		if (result > 0)
			fault(EXIT_OWN_FAULT, "loader", "load filter for every thread", 0, 0);
	}
}

int main(int argc, char **argv, char **envp)
{
	const char *place = 0;
	long result;
	if (argc >= 3 && same(argv[1], "--place")) {
		place = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 3)
		fault(EXIT_OWN_FAULT, "loader", "expected [--place FILE] FD PROGRAM [ARGS...]", 0, 0);
	if (place != 0)
		make_place(place);
	result = call5(NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (result < 0)
		fault(EXIT_OWN_FAULT, "loader", "set no_new_privs", 0, result);
	if (!same(argv[1], "-"))
		load(argv[1]);
	become("loader", argv + 2, envp);
}
