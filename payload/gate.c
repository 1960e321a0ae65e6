/* SPDX-License-Identifier: Apache-2.0
 *
 * gate FD PROGRAM [ARGS...]
 *
 * A start barrier: waits until every write end of the pipe FD is closed, then becomes PROGRAM (an absolute path) with its own environment.
 * A whole batch of containers stands behind one pipe and starts when it closes.
 */
#include "start-other.h"

int main(int argc, char **argv, char **envp)
{
	char ignored;
	long fd, n;

	if (argc < 3)
		fault(EXIT_OWN_FAULT, "gate", "expected FD PROGRAM [ARGS...]", 0, 0);
	fd = number(argv[1], '\0');
	if (fd < 0)
		fault(EXIT_OWN_FAULT, "gate", "expected a descriptor number, got", argv[1], 0);
	do {
		n = call3(NR_read, fd, (long)&ignored, 1);
	} while (n > 0 || n == -E_INTR);
	if (n < 0)
		fault(EXIT_OWN_FAULT, "gate", "read descriptor", argv[1], n);
	call3(NR_close, fd, 0, 0);
	become("gate", argv + 2, envp);
}
