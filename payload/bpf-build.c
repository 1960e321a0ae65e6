/* SPDX-License-Identifier: Apache-2.0
 *
 * bpf-build RULES -- PROGRAM [ARGS...]   builds the filter, then becomes PROGRAM; an argument "{fd}" becomes the number of
 *                                        the descriptor that holds the filter (with ":FLAGS" where the rules name flags, ":FLAGS:TIMES" where they name times),
 *                                        and each "{filter}" the number alone of a descriptor of its own, to be read from where it stands
 * bpf-build RULES --out FILE             writes the filter to FILE
 *
 * What a container runtime does in its own process before a container starts, alone: the rules go through libseccomp in the
 * same order and by the same calls, and out comes an array of struct sock_filter. RULES (written by filter/rules-text.ts), one item per line:
 *   library PATH | default ACTION | flags WORD | optimize LEVEL | arch NAME | rule ACTION SYSCALL [INDEX,OPERATOR,A,B]... | priority SYSCALL 0..255 | times N
 * or the single word "none": no filter, and "{fd}" becomes "-". With optimize 2 libseccomp (2.5 or newer) builds a binary tree; without, rules of a
 * higher priority come earlier; `times` becomes the third part of "{fd}" (the loader then loads the filter so many times).
 * In place of default, arch and rules, `built FILE` names a filter that was built before: it is opened, nothing is built, libseccomp is not needed.
 * libseccomp is opened at run time, so that this program needs nothing but a C library: libseccomp.so.2, or the file of a `library` line, which
 * comes before `default`. A fault is one line on stderr and
 * exit 125, or 126 and 127 where PROGRAM cannot be run or is not there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_OWN_FAULT = 125, EXIT_CANNOT_EXEC = 126, EXIT_NOT_FOUND = 127 };

/* libseccomp's ABI (version 2), as seccomp.h documents it. */
enum { ARGUMENTS = 6, ATTRIBUTE_NO_NEW_PRIVS = 3, ATTRIBUTE_OPTIMIZE = 8, HIGHEST_PRIORITY = 255, UNKNOWN_SYSCALL = -1 };
struct condition { unsigned int argument; int comparison; uint64_t a, b; };

static struct {
	void *(*init)(uint32_t action);
	int (*attr_set)(void *filter, int attribute, uint32_t value);
	uint32_t (*arch_resolve_name)(const char *name);
	int (*arch_add)(void *filter, uint32_t architecture);
	int (*resolve_name)(const char *name);
	int (*rule_add_array)(void *filter, uint32_t action, int syscall, unsigned int count, const struct condition *);
	int (*priority)(void *filter, int syscall, uint8_t priority);
	int (*export_bpf)(const void *filter, int fd);
} seccomp;

static __attribute__((noreturn, format(printf, 2, 3))) void fault(int code, const char *format, ...)
{
	char line[512];
	va_list items;
	va_start(items, format);
	vsnprintf(line, sizeof line, format, items);
	va_end(items);
	dprintf(2, "bpf-build: %s\n", line);
	exit(code);
}

static void open_libseccomp(const char *path)
{
	static const struct { const char *name; void *slot; } wanted[] = {
		{ "seccomp_init", &seccomp.init },
		{ "seccomp_attr_set", &seccomp.attr_set },
		{ "seccomp_arch_resolve_name", &seccomp.arch_resolve_name },
		{ "seccomp_arch_add", &seccomp.arch_add },
		{ "seccomp_syscall_resolve_name", &seccomp.resolve_name },
		{ "seccomp_rule_add_array", &seccomp.rule_add_array },
		{ "seccomp_syscall_priority", &seccomp.priority },
		{ "seccomp_export_bpf", &seccomp.export_bpf },
	};
	void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL)
		fault(EXIT_OWN_FAULT, "open %s: %s", path, dlerror());
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		void *symbol = dlsym(library, wanted[i].name);
		if (symbol == NULL)
			fault(EXIT_OWN_FAULT, "%s has no %s", path, wanted[i].name);
		memcpy(wanted[i].slot, &symbol, sizeof symbol);
	}
}

/* The whole file, ended by a zero byte. */
static char *read_rules(const char *path)
{
	struct stat facts;
	size_t have = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &facts) < 0)
		fault(EXIT_OWN_FAULT, "open %s: errno %d", path, errno);
	char *text = malloc((size_t)facts.st_size + 1);
	if (text == NULL)
		fault(EXIT_OWN_FAULT, "no memory for %s", path);
	while (have < (size_t)facts.st_size) {
		ssize_t n = read(fd, text + have, (size_t)facts.st_size - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fault(EXIT_OWN_FAULT, "read %s: errno %d", path, errno);
		if (n == 0)
			break;
		have += (size_t)n;
	}
	text[have] = '\0';
	close(fd);
	return text;
}

/* Where a line of the rules came from, for messages, and what is being built from it. */
struct reading { const char *path; int line; const char *library; void *filter; int built; unsigned long flags, times; };

static __attribute__((noreturn)) void bad_line(const struct reading *at, const char *wanted, const char *got)
{
	fault(EXIT_OWN_FAULT, "%s:%d: expected %s, got %s", at->path, at->line, wanted, got == NULL ? "nothing" : got);
}

/* A number that `end` follows; moves past both. */
static uint64_t take_number(const struct reading *at, char **text, char end)
{
	char *after;
	errno = 0;
	uint64_t value = *text == NULL ? 0 : strtoull(*text, &after, 0);
	if (*text == NULL || **text < '0' || **text > '9' || *after != end || errno != 0)
		bad_line(at, "a number", *text);
	*text = after + (end != '\0');
	return value;
}

static void need_filter(const struct reading *at)
{
	if (at->filter == NULL)
		bad_line(at, "a default line before this one", "none");
}

static void take_default(struct reading *at, char *action)
{
	if (at->filter != NULL || at->built >= 0)
		bad_line(at, "one default or built line", "two");
	open_libseccomp(at->library);
	at->filter = seccomp.init((uint32_t)take_number(at, &action, '\0'));
	if (at->filter == NULL)
		fault(EXIT_OWN_FAULT, "%s:%d: libseccomp refuses the default action", at->path, at->line);
	/* As runc does: the loader sets no_new_privs itself. Libraries that do not know it would not use it either. */
	seccomp.attr_set(at->filter, ATTRIBUTE_NO_NEW_PRIVS, 0);
}

static void take_built(struct reading *at, const char *file)
{
	if (at->filter != NULL || at->built >= 0)
		bad_line(at, "one default or built line", "two");
	at->built = open(file, O_RDONLY);
	if (at->built < 0)
		fault(EXIT_OWN_FAULT, "%s:%d: open %s: errno %d", at->path, at->line, file, errno);
}

/* The name begins with a slash: without one it would be looked for in the library path. */
static void take_library(struct reading *at, const char *file)
{
	if (at->filter != NULL)
		bad_line(at, "a library line before the default line", "one after it");
	if (*file != '/')
		bad_line(at, "an absolute path", file);
	at->library = file;
}

static void take_optimize(const struct reading *at, char *level)
{
	need_filter(at);
	int result = seccomp.attr_set(at->filter, ATTRIBUTE_OPTIMIZE, (uint32_t)take_number(at, &level, '\0'));
	if (result < 0)
		fault(EXIT_OWN_FAULT, "%s:%d: libseccomp does not optimize so (2.5 or newer is needed): errno %d", at->path, at->line, -result);
}

static void take_priority(const struct reading *at, const char *name, char *text)
{
	need_filter(at);
	uint64_t priority = take_number(at, &text, '\0');
	if (priority > HIGHEST_PRIORITY)
		bad_line(at, "a priority of 0 to 255", "more");
	int number = seccomp.resolve_name(name);
	if (number == UNKNOWN_SYSCALL)
		return;
	int result = seccomp.priority(at->filter, number, (uint8_t)priority);
	if (result < 0)
		fault(EXIT_OWN_FAULT, "%s:%d: priority of %s: errno %d", at->path, at->line, name, -result);
}

static void take_architecture(const struct reading *at, const char *name)
{
	need_filter(at);
	uint32_t token = name == NULL ? 0 : seccomp.arch_resolve_name(name);
	if (token == 0)
		bad_line(at, "an architecture libseccomp knows", name);
	int result = seccomp.arch_add(at->filter, token);
	if (result < 0 && result != -EEXIST)
		fault(EXIT_OWN_FAULT, "%s:%d: add architecture %s: errno %d", at->path, at->line, name, -result);
}

static void take_rule(const struct reading *at, char *action_text, char **rest)
{
	struct condition conditions[ARGUMENTS];
	unsigned int count = 0;
	need_filter(at);
	uint32_t action = (uint32_t)take_number(at, &action_text, '\0');
	const char *name = strtok_r(NULL, " ", rest);
	if (name == NULL)
		bad_line(at, "a system call", NULL);
	for (char *text = strtok_r(NULL, " ", rest); text != NULL; text = strtok_r(NULL, " ", rest)) {
		if (count == ARGUMENTS)
			bad_line(at, "at most 6 conditions", text);
		struct condition *c = &conditions[count++];
		c->argument = (unsigned int)take_number(at, &text, ',');
		c->comparison = (int)take_number(at, &text, ',');
		c->a = take_number(at, &text, ',');
		c->b = take_number(at, &text, '\0');
	}
	int number = seccomp.resolve_name(name);
	/* A name this libseccomp does not know is a call this system does not have: runtimes skip it, so do we. */
	if (number == UNKNOWN_SYSCALL)
		return;
	int result = seccomp.rule_add_array(at->filter, action, number, count, conditions);
	if (result < 0)
		fault(EXIT_OWN_FAULT, "%s:%d: add rule for %s: errno %d", at->path, at->line, name, -result);
}

static void take_line(struct reading *at, char *line)
{
	char *rest = NULL;
	char *word = strtok_r(line, " ", &rest);
	if (word == NULL)
		return;
	if (strcmp(word, "rule") == 0) {
		take_rule(at, strtok_r(NULL, " ", &rest), &rest);
		return;
	}
	if (strcmp(word, "built") == 0) {
		/* All of the line: a path may have blanks in it. */
		take_built(at, rest);
		return;
	}
	if (strcmp(word, "library") == 0) {
		take_library(at, rest);
		return;
	}
	char *value = strtok_r(NULL, " ", &rest);
	if (strcmp(word, "priority") == 0 && value != NULL) {
		take_priority(at, value, strtok_r(NULL, " ", &rest));
		return;
	}
	if (strtok_r(NULL, " ", &rest) != NULL)
		bad_line(at, "one value", "several");
	if (strcmp(word, "default") == 0)
		take_default(at, value);
	else if (strcmp(word, "flags") == 0)
		at->flags = (unsigned long)take_number(at, &value, '\0');
	else if (strcmp(word, "times") == 0)
		at->times = (unsigned long)take_number(at, &value, '\0');
	else if (strcmp(word, "optimize") == 0)
		take_optimize(at, value);
	else if (strcmp(word, "arch") == 0)
		take_architecture(at, value);
	else
		bad_line(at, "library, default, built, flags, times, optimize, arch, rule or priority", word);
}

/* NULL where the rules say "none". */
static struct reading build(const char *path)
{
	struct reading at = { .path = path, .library = "libseccomp.so.2", .built = -1, .times = 1 };
	if (strcmp(path, "none") == 0)
		return at;
	char *text = read_rules(path), *rest = NULL;
	if (strcmp(text, "none\n") == 0)
		return at;
	for (char *line = text; line != NULL; line = rest) {
		rest = strchr(line, '\n');
		if (rest != NULL)
			*rest++ = '\0';
		at.line++;
		take_line(&at, line);
	}
	if (at.filter == NULL && at.built < 0)
		bad_line(&at, "a default line", NULL);
	return at;
}

static void export_to(const struct reading *at, int fd, const char *where)
{
	/* The filter is not released: this process is about to become another or to end. */
	int result = seccomp.export_bpf(at->filter, fd);
	if (result < 0)
		fault(EXIT_OWN_FAULT, "export filter to %s: errno %d", where, -result);
}

/* The number of a descriptor that stands at the filter's start: `fd` itself for the first reader, one of its own for each further one. */
static char *place_of_reader(int fd, int reader)
{
	char path[64], *place = malloc(sizeof path);
	if (place == NULL)
		fault(EXIT_OWN_FAULT, "no memory for a descriptor's number");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int own = reader == 0 ? fd : open(path, O_RDONLY);
	if (own < 0 || lseek(own, 0, SEEK_SET) < 0)
		fault(EXIT_OWN_FAULT, "open the filter once more: errno %d", errno);
	snprintf(place, sizeof path, "%d", own);
	return place;
}

/* Where memory runs out, the kernel ends a container and not the program that measures it, which may be in the same cgroup. */
static void go_first(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t ignored = write(fd, "1000", 4);
	(void)ignored;
	close(fd);
}

static __attribute__((noreturn)) void run(const struct reading *at, char **program)
{
	static char place[64] = "-";
	int readers = 0;
	int fd = at->built;
	if (at->filter != NULL) {
		fd = memfd_create("seccomp-filter", 0);
		if (fd < 0)
			fault(EXIT_OWN_FAULT, "memfd_create: errno %d", errno);
		export_to(at, fd, "memory");
	}
	if (fd >= 0 && at->times != 1)
		snprintf(place, sizeof place, "%d:%lu:%lu", fd, at->flags, at->times);
	else if (fd >= 0)
		snprintf(place, sizeof place, at->flags == 0 ? "%d" : "%d:%lu", fd, at->flags);
	for (char **argument = program + 1; *argument != NULL; argument++) {
		if (strcmp(*argument, "{fd}") == 0)
			*argument = place;
		else if (strcmp(*argument, "{filter}") == 0)
			*argument = fd < 0 ? place : place_of_reader(fd, readers++);
	}
	go_first();
	/* The container must not outlive the program that measures it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		fault(EXIT_OWN_FAULT, "prctl(PR_SET_PDEATHSIG): errno %d", errno);
	execvp(program[0], program);
	int code = errno == ENOENT ? EXIT_NOT_FOUND : errno == ENOEXEC || errno == EACCES ? EXIT_CANNOT_EXEC : EXIT_OWN_FAULT;
	fault(code, "exec %s: errno %d", program[0], errno);
}

int main(int argc, char **argv)
{
	if (argc >= 4 && strcmp(argv[2], "--") == 0) {
		struct reading built = build(argv[1]);
		run(&built, argv + 3);
	}
	if (argc != 4 || strcmp(argv[2], "--out") != 0)
		fault(EXIT_OWN_FAULT, "expected RULES -- PROGRAM [ARGS...] or RULES --out FILE");
	struct reading built = build(argv[1]);
	int fd = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		fault(EXIT_OWN_FAULT, "open %s: errno %d", argv[3], errno);
	if (built.built >= 0)
		fault(EXIT_OWN_FAULT, "%s: expected rules to build a filter from, got a built one", argv[1]);
	if (built.filter != NULL)
		export_to(&built, fd, argv[3]);
	if (close(fd) < 0)
		fault(EXIT_OWN_FAULT, "write %s: errno %d", argv[3], errno);
	return 0;
}
