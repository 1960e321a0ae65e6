/* SPDX-License-Identifier: Apache-2.0
 *
 * loader [--place FILE] FD[:FLAGS[:TIMES]] PROGRAM [ARGS...]
 *
 * Sets no_new_privs, loads the seccomp filter (an array of struct sock_filter) that can be read from descriptor FD, then becomes PROGRAM with its own
 * environment. FLAGS is the decimal flags word of seccomp(2), 0 where it is not given; TIMES loads the same filter so many times, one upon the other.
 * FD "-" means no filter. With --place it first makes the container's place in its new namespaces, as FILE says (contain.h).
 * A fault is one line on stderr; exit 125, or 126 and 127 where PROGRAM cannot be run or is not there.
 */
#include "filter.h"

/* What follows the first colon, 0 where there is none. */
static const char *after(const char *text)
{
	while (*text != '\0' && *text != ':')
		text++;
	return *text == ':' ? text + 1 : 0;
}

/* Reads the filter and closes its descriptor: the filter may deny close. */
static void read_source(const char *name, struct filter_source *source)
{
	const char *flags_at = after(name), *times_at = flags_at == 0 ? 0 : after(flags_at);
	long fd = number(name, flags_at == 0 ? '\0' : ':');

	source->flags = flags_at == 0 ? 0 : number(flags_at, times_at == 0 ? '\0' : ':');
	source->times = times_at == 0 ? 1 : number(times_at, '\0');
	if (fd < 0 || source->flags < 0 || source->times < 1)
		fault(EXIT_OWN_FAULT, "loader", "expected a descriptor number, got", name, 0);
	source->filter.length = read_filter("loader", (int)fd, name, source->space);
	source->filter.instructions = source->space;
	call3(NR_close, fd, 0, 0);
}

static void load(const char *name)
{
	static struct filter_source source;
	read_source(name, &source);
	/* From the second time on the filter itself must allow seccomp(2). */
	for (; source.times > 0; source.times--) {
		long result = call3(NR_seccomp, SECCOMP_SET_MODE_FILTER, source.flags, (long)&source.filter);
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
