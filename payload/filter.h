/* SPDX-License-Identifier: Apache-2.0
 *
 * A seccomp filter (an array of struct sock_filter) that is read from a descriptor, and how it is loaded: with which flags word of seccomp(2), and how many
 * times, one upon the other.
 */
#ifndef FILTER_H
#define FILTER_H

#include "contain.h"

enum { PR_SET_NO_NEW_PRIVS = 38, SECCOMP_SET_MODE_FILTER = 1, MOST_INSTRUCTIONS = 4096 };

struct instruction { unsigned short code; unsigned char jt, jf; unsigned int k; };
struct program { unsigned short length; struct instruction *instructions; };

/* `space` holds one instruction more than the kernel takes, to tell "too long" from "just fits". */
static unsigned short read_filter(const char *program, int fd, const char *name, struct instruction space[MOST_INSTRUCTIONS + 1])
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
			fault(EXIT_OWN_FAULT, program, "read filter from descriptor", name, n);
		if (n == 0)
			break;
		have += (unsigned long)n;
	}
	if (have == 0 || have % sizeof *space != 0)
		fault(EXIT_OWN_FAULT, program, "expected whole instructions of 8 bytes in descriptor", name, 0);
	if (have / sizeof *space > MOST_INSTRUCTIONS)
		fault(EXIT_OWN_FAULT, program, "expected at most 4096 instructions in descriptor", name, 0);
	return (unsigned short)(have / sizeof *space);
}

struct filter_source {
	long flags, times;
	struct program filter;
	struct instruction space[MOST_INSTRUCTIONS + 1];
};

#endif
