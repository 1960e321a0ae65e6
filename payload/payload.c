/* SPDX-License-Identifier: Apache-2.0
 *
 * What runs inside the measured containers: as little as a program can do and still prove that it ran.
 *
 *   payload            writes "ok" and ends
 *   payload stamp      writes "ok N", N = CLOCK_MONOTONIC in ns at its first instructions, -errno where the call is denied
 *   payload sleep      writes "ready" and waits to be killed
 *   payload seccomp    writes "seccomp N", N = prctl(PR_GET_SECCOMP): 0 none, 2 filter, -errno where the call is denied
 */
#include "bare.h"

enum { CLOCK_MONOTONIC = 1, PR_GET_SECCOMP = 21, EXIT_WRITE = 74, EXIT_USAGE = 64, EXIT_CANNOT_SLEEP = 71 };

/* Tries another way to sleep where a profile denies one: a denied call returns at once and must not become a busy loop. */
static int sleep_for_good(void)
{
	static const struct { long seconds, nanoseconds; } day = { 86400, 0 };
	for (;;) {
		long result = call5(NR_ppoll, 0, 0, 0, 0, 0);
		if (result < 0 && result != -E_INTR)
			break;
	}
	for (;;) {
		long result = call3(NR_nanosleep, (long)&day, 0, 0);
		if (result < 0 && result != -E_INTR)
			break;
	}
	say(2, "payload: ppoll and nanosleep are both denied here\n");
	return EXIT_CANNOT_SLEEP;
}

static int tell_time(void)
{
	struct { long seconds, nanoseconds; } now = { 0, 0 };
	char digits[DIGITS];
	long result = call3(NR_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0);
	const char *stamp = decimal(result < 0 ? result : now.seconds * 1000000000 + now.nanoseconds, digits);
	return say(1, "ok ") == 0 && say(1, stamp) == 0 && say(1, "\n") == 0 ? 0 : EXIT_WRITE;
}

static int tell_mode(void)
{
	char digits[DIGITS];
	const char *mode = decimal(call5(NR_prctl, PR_GET_SECCOMP, 0, 0, 0, 0), digits);
	return say(1, "seccomp ") == 0 && say(1, mode) == 0 && say(1, "\n") == 0 ? 0 : EXIT_WRITE;
}

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc < 2)
		return say(1, "ok\n") == 0 ? 0 : EXIT_WRITE;
	if (same(argv[1], "stamp"))
		return tell_time();
	if (same(argv[1], "sleep"))
		return say(1, "ready\n") == 0 ? sleep_for_good() : EXIT_WRITE;
	if (same(argv[1], "seccomp"))
		return tell_mode();
	say(2, "payload: expected no argument, stamp, sleep or seccomp, got ");
	say(2, argv[1]);
	say(2, "\n");
	return EXIT_USAGE;
}
