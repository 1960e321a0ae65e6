/* SPDX-License-Identifier: Apache-2.0
 *
 * crowd FILE|- TIMES TASKS [LIMIT|- [CGROUP]]
 *
 * Makes TASKS tasks without capabilities, one after the other, each with the seccomp filter in FILE loaded TIMES times ("-": none), until
 * the kernel refuses one. Says "held TASKS filters FILTERS errno ERRNO of STEP" on stdout (errno 0 of none: all are there; of end: the filter ended a task), holds them until its own stdin
 * ends, and then removes them all. A task whose filter is refused ("of load") tries the same one again, and one of a single instruction: " then ERRNO and ERRNO". With CGROUP, the
 * cgroup.procs file of a cgroup, it enters that one first, and its tasks are born there. With LIMIT it lowers net.core.bpf_jit_limit to so many bytes while it makes them, and restores it before it says
 * anything: whoever started it may end meanwhile, and the limit is still restored. A task with its filter stops at a breakpoint: under any filter it needs no system call for that.
 * Nothing outlives the program: a task dies with it (PR_SET_PDEATHSIG), and it ends itself as soon as whoever holds its stdin is gone.
 */
#include "stopped.h"

enum { MOST_TASKS = 200000, O_WRONLY = 1 };

/* What the newest task tells, in memory that it shares with its parent. */
struct told {
	volatile int loaded;
	volatile long error;
	/* Once it was refused: the same filter, and the smallest one. */
	volatile long again, smallest;
};

static int tasks[MOST_TASKS];

static struct told *shared_page(void)
{
	long page = map_shared(4096);
	if (page < 0 && page > -4096)
		fault(EXIT_OWN_FAULT, "crowd", "map a shared page", 0, page);
	return (struct told *)page;
}

/* The kernel does not apply net.core.bpf_jit_limit to those with CAP_BPF or CAP_SYS_ADMIN; a container has neither. */
static long drop_capabilities(void)
{
	struct { unsigned int version; int pid; } head = { CAPABILITIES_V3, 0 };
	unsigned int sets[6] = { 0, 0, 0, 0, 0, 0 };
	return call3(NR_capset, (long)&head, (long)sets, 0);
}

static long load(const struct program *filter, long flags)
{
	return call3(NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, (long)filter);
}

enum { RETURN_CONSTANT = 0x06, RET_ALLOW = 0x7fff0000 };

static void task(struct told *told, const struct filter_source *source, long parent) __attribute__((noreturn));
static void task(struct told *told, const struct filter_source *source, long parent)
{
	long result = drop_capabilities();
	if (result == 0)
		result = begin_task(parent);
	for (long times = source->times; result == 0 && times > 0; times--) {
		result = load(&source->filter, source->flags);
		if (result == 0) {
			told->loaded++;
		} else {
			struct instruction allow = { RETURN_CONSTANT, 0, 0, RET_ALLOW };
			struct program smallest = { 1, &allow };
			told->again = load(&source->filter, source->flags);
			told->smallest = load(&smallest, 0);
		}
	}
	told->error = result;
	for (;;)
		BREAKPOINT();
}

/* Gives the errno that ended it, 0 where all tasks are there. */
static long fill(const struct filter_source *source, long wanted, struct told *told, long *held, const char **step)
{
	long own = call3(NR_getpid, 0, 0, 0);
	for (*held = 0; *held < wanted; (*held)++) {
		long pid;
		told->error = 0;
		pid = call5(NR_clone, SIGCHLD_NR, 0, 0, 0, 0);
		if (pid == 0)
			task(told, source, own);
		if (pid < 0) {
			*step = "fork";
			return -pid;
		}
		if (!stops(pid)) {
			*step = "end";
			return 0;
		}
		if (told->error != 0) {
			*step = "load";
			end(pid);
			return -told->error;
		}
		tasks[*held] = (int)pid;
	}
	*step = "none";
	return 0;
}

static const char limit_path[] = "/proc/sys/net/core/bpf_jit_limit";

static void limit_fault(const char *step, long result) __attribute__((noreturn));
static void limit_fault(const char *step, long result)
{
	fault(EXIT_OWN_FAULT, "crowd", step, limit_path, result);
}

static void write_limit(const char *text)
{
	long fd = call5(NR_openat, AT_FDCWD, (long)limit_path, O_WRONLY | O_CLOEXEC, 0, 0), result;
	if (fd < 0)
		limit_fault("open", fd);
	result = call3(NR_write, fd, (long)text, (long)length(text));
	if (result < 0)
		limit_fault("write", result);
	call3(NR_close, fd, 0, 0);
}

static void read_limit(char text[DIGITS])
{
	long fd = call5(NR_openat, AT_FDCWD, (long)limit_path, O_CLOEXEC, 0, 0), result;
	if (fd < 0)
		limit_fault("open", fd);
	result = call3(NR_read, fd, (long)text, DIGITS - 1);
	if (result <= 0)
		limit_fault("read", result);
	text[result] = '\0';
	call3(NR_close, fd, 0, 0);
}

enum { ADDR_NO_RANDOMIZE = 0x0040000, READ_PERSONALITY = 0xffffffff };

/*
 * Starts itself again with its memory always in the same place: in some places a task takes a page table more than in others, which would be taken for memory
 * of its filter. Where that is not possible, it goes on.
 */
static void stay_in_place(char **argv, char **envp)
{
	long now = call3(NR_personality, READ_PERSONALITY, 0, 0);
	if (now < 0 || (now & ADDR_NO_RANDOMIZE) || call3(NR_personality, now | ADDR_NO_RANDOMIZE, 0, 0) < 0)
		return;
	call3(NR_execve, (long)"/proc/self/exe", (long)argv, (long)envp);
}

static void enter_cgroup(const char *path)
{
	long fd = call5(NR_openat, AT_FDCWD, (long)path, O_WRONLY | O_CLOEXEC, 0, 0), result;
	if (fd < 0)
		fault(EXIT_OWN_FAULT, "crowd", "open", path, fd);
	/* 0 is whoever writes. */
	result = call3(NR_write, fd, (long)"0", 1);
	if (result < 0)
		fault(EXIT_OWN_FAULT, "crowd", "write", path, result);
	call3(NR_close, fd, 0, 0);
}

int main(int argc, char **argv, char **envp)
{
	static struct filter_source source;
	const char *step = "nothing";
	char digits[DIGITS], limit[DIGITS], ignored;
	struct told *told;
	long wanted, held, errnum, n;
	int lowers;

	stay_in_place(argv, envp);
	told = shared_page();
	if (argc < 4 || argc > 6)
		fault(EXIT_OWN_FAULT, "crowd", "expected FILE|- TIMES TASKS [LIMIT|- [CGROUP]]", 0, 0);
	lowers = argc > 4 && !same(argv[4], "-");
	source.times = number(argv[2], '\0');
	if (source.times < 0)
		fault(EXIT_OWN_FAULT, "crowd", "expected a number of times, got", argv[2], 0);
	wanted = number(argv[3], '\0');
	if (wanted < 0 || wanted > MOST_TASKS)
		fault(EXIT_OWN_FAULT, "crowd", "expected at most 200000 tasks, got", argv[3], 0);
	if (same(argv[1], "-"))
		source.times = 0;
	else
		open_filter("crowd", argv[1], &source);
	if (argc == 6)
		enter_cgroup(argv[5]);
	if (lowers) {
		read_limit(limit);
		write_limit(argv[4]);
	}
	errnum = fill(&source, wanted, told, &held, &step);
	if (lowers)
		write_limit(limit);
	say(1, "held ");
	say(1, decimal(held, digits));
	say(1, " filters ");
	say(1, decimal(told->loaded, digits));
	say(1, " errno ");
	say(1, decimal(errnum, digits));
	say(1, " of ");
	say(1, step);
	if (told->error != 0) {
		say(1, " then ");
		say(1, decimal(-told->again, digits));
		say(1, " and ");
		say(1, decimal(-told->smallest, digits));
	}
	say(1, "\n");
	do {
		n = call3(NR_read, 0, (long)&ignored, 1);
	} while (n > 0 || n == -E_INTR);
	for (long i = 0; i < held; i++)
		end(tasks[i]);
	return 0;
}
