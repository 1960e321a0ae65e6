/* SPDX-License-Identifier: Apache-2.0
 *
 * For the programs that end by becoming another one: one line on stderr for each fault, and exec with its three outcomes.
 */
#ifndef START_OTHER_H
#define START_OTHER_H

#include "bare.h"

static void fault(int code, const char *program, const char *step, const char *subject, long result)
	__attribute__((noreturn));

/* "loader: exec /probe32: errno 8". `result` is what the system call gave (-errno), or 0 where no call failed. */
static void fault(int code, const char *program, const char *step, const char *subject, long result)
{
	char digits[DIGITS];
	say(2, program);
	say(2, ": ");
	say(2, step);
	if (subject != 0) {
		say(2, " ");
		say(2, subject);
	}
	if (result < 0) {
		say(2, ": errno ");
		say(2, decimal(-result, digits));
	}
	say(2, "\n");
	leave(code);
}

static void become(const char *program, char **argv, char **envp) __attribute__((noreturn));

static void become(const char *program, char **argv, char **envp)
{
	long result = call3(NR_execve, (long)argv[0], (long)argv, (long)envp);
	int code = result == -E_NOENT ? EXIT_NOT_FOUND
		   : result == -E_NOEXEC || result == -E_ACCES ? EXIT_CANNOT_EXEC : EXIT_OWN_FAULT;
	fault(code, program, "exec", argv[0], result);
}

#endif
