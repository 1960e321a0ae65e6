/* SPDX-License-Identifier: Apache-2.0
 *
 * attach keep|switch ROUNDS SEED FILE...
 *
 * Times how long the kernel takes to load the seccomp filter in each FILE, in ROUNDS rounds. In every round each filter is loaded once in each way, each time
 * in a task of its own, in an order that is drawn from SEED:
 *   whole        seccomp(2) as runtimes call it
 *   log          with SECCOMP_FILTER_FLAG_LOG
 *   refused      with one instruction that the kernel refuses as the last of its checks: it is copied and checked, not translated
 *   full         on top of a filter that allows every call, all of them in the kernel's bitmap: the new filter is walked for each
 *   empty        on top of a filter that allows every call, none of them in the bitmap: it is walked for none
 *   interpreted  with net.core.bpf_jit_enable 0, only with "switch"
 * Writes, one line each:
 *   attach 1 switch STATE    STATE: 0 where it was switched, -1 where it was not asked for, errno where the kernel refuses
 *   load FILE WAY ROUND NS   FILE counts from 0
 *   error FILE WAY ERRNO     the kernel loads this filter in no such way; there is no more of it
 *   done
 * A round before the first one is not written. The setting is 0 while one task loads one filter, and restored before anything else is done. The program ends
 * between two rounds where whoever holds its stdin is gone, and stays on one processor, whose counter it reads: under any filter a task needs no system call
 * for that.
 */
#include "setting.h"
#include "stopped.h"

enum { MOST_FILES = 16, MOST_ROUNDS = 1000, CLOCK_MONOTONIC = 1, FLAG_LOG = 2, POLLHUP = 16, SETTING_OFF = -1 };
enum { WHOLE, LOG, REFUSED, FULL, EMPTY, INTERPRETED, WAYS };
enum { RET_K = 0x06, LD_BYTE = 0x30, LD_WORD = 0x20, FIRST_ARGUMENT = 16 };

static const unsigned int ALLOW = 0x7fff0000;
static const char *const way_names[WAYS] = { "whole", "log", "refused", "full", "empty", "interpreted" };
static const char jit_path[] = "/proc/sys/net/core/bpf_jit_enable";

/* What a task tells. */
struct told { volatile long ticks, error; };

static struct filter_source sources[MOST_FILES];
static struct program refused[MOST_FILES];
static struct instruction refused_space[MOST_FILES][MOST_INSTRUCTIONS];
/* Ticks of each load; errors in place of them end a way. */
static long ticks[MOST_FILES][WAYS][MOST_ROUNDS], errors[MOST_FILES][WAYS];
static struct instruction allow_all[] = { { RET_K, 0, 0, ALLOW } };
/* The kernel gives up at the load of an argument, so that no call is in the bitmap. */
static struct instruction allow_all_unseen[] = { { LD_WORD, 0, 0, FIRST_ARGUMENT }, { RET_K, 0, 0, ALLOW } };
static struct program full_base = { 1, allow_all }, empty_base = { 2, allow_all_unseen };

static inline long counter(void)
{
#if defined(__x86_64__)
	unsigned int low, high;
	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (long)((unsigned long)high << 32 | low);
#else
	long value;
	__asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(value) : : "memory");
	return value;
#endif
}

static long now(void)
{
	struct { long seconds, nanoseconds; } time = { 0, 0 };
	call3(NR_clock_gettime, CLOCK_MONOTONIC, (long)&time, 0);
	return time.seconds * 1000000000 + time.nanoseconds;
}

/* Counters of processors may differ. Where it may not stay, it goes on as it is. */
static void stay_here(void)
{
	static unsigned long mask[128];
	unsigned int processor = 0;
	if (call3(NR_getcpu, (long)&processor, 0, 0) < 0 || processor / 64 >= 128)
		return;
	mask[processor / 64] = 1UL << processor % 64;
	call3(NR_sched_setaffinity, 0, sizeof mask, (long)mask);
}

static void copy_words(void *to, const void *from, unsigned long bytes)
{
	for (unsigned long i = 0; i < bytes / sizeof(int); i++)
		((volatile int *)to)[i] = ((const int *)from)[i];
}

/* The last instruction must be a return for the kernel's first check, so the last but one is what its second check refuses. */
static void make_refused(int file)
{
	unsigned short count = sources[file].filter.length;
	copy_words(refused_space[file], sources[file].space, count * sizeof(struct instruction));
	refused_space[file][count > 1 ? count - 2 : 0] = (struct instruction){ LD_BYTE, 0, 0, 0 };
	refused[file] = (struct program){ count, refused_space[file] };
}

static void task(struct told *told, int file, int way, long parent) __attribute__((noreturn));
static void task(struct told *told, int file, int way, long parent)
{
	const struct program *filter = way == REFUSED ? &refused[file] : &sources[file].filter;
	long flags = way == LOG ? FLAG_LOG : 0, begun, ended, result;
	/* Also brings the shared page here, so that its fault is not timed. */
	told->error = begin_task(parent);
	if (told->error == 0 && (way == FULL || way == EMPTY))
		told->error = call3(NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)(way == FULL ? &full_base : &empty_base));
	if (told->error == 0) {
		begun = counter();
		result = call3(NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, (long)filter);
		ended = counter();
		told->ticks = ended - begun;
		told->error = way != REFUSED ? result : result == -E_INVAL ? 0 : result == 0 ? -E_EXIST : result;
	}
	for (;;)
		BREAKPOINT();
}

static void load(struct told *told, int file, int way, int round)
{
	long own = call3(NR_getpid, 0, 0, 0), pid;
	*told = (struct told){ 0, 0 };
	pid = call5(NR_clone, SIGCHLD_NR, 0, 0, 0, 0);
	if (pid == 0)
		task(told, file, way, own);
	if (pid < 0)
		fault(EXIT_OWN_FAULT, "attach", "create a task", 0, pid);
	if (!stops(pid))
		fault(EXIT_OWN_FAULT, "attach", "a task ended early", 0, 0);
	end(pid);
	if (told->error != 0)
		errors[file][way] = -told->error;
	else if (round >= 0)
		ticks[file][way][round] = told->ticks;
}

static void load_interpreted(struct told *told, int file, int round, const char *was)
{
	long result = write_setting(jit_path, "0"), restored;
	if (result == 0)
		load(told, file, INTERPRETED, round);
	restored = write_setting(jit_path, was);
	if (restored < 0)
		fault(EXIT_OWN_FAULT, "attach", "restore", jit_path, restored);
	if (result < 0)
		errors[file][INTERPRETED] = -result;
}

/* Gives 0, or the errno for which the JIT cannot be switched off. */
static long try_switch(char was[DIGITS])
{
	long result = read_setting(jit_path, was), restored;
	if (result < 0)
		return -result;
	result = write_setting(jit_path, "0");
	restored = write_setting(jit_path, was);
	if (result == 0 && restored < 0)
		fault(EXIT_OWN_FAULT, "attach", "restore", jit_path, restored);
	return -result;
}

/* Below `most`, by a generator of 64 bits (Knuth's multiplier). */
static int draw(unsigned long *state, int most)
{
	*state = *state * 6364136223846793005UL + 1442695040888963407UL;
	return (int)((*state >> 33) % (unsigned long)most);
}

static int is_abandoned(void)
{
	struct { int fd; short events, seen; } in = { 0, 0, 0 };
	long none[2] = { 0, 0 };
	return call5(NR_ppoll, (long)&in, 1, (long)none, 0, 0) > 0 && (in.seen & POLLHUP) != 0;
}

static void run_round(struct told *told, int files, int round, unsigned long *state, const char *was)
{
	static short order[MOST_FILES * WAYS];
	int count = files * (was == 0 ? WAYS - 1 : WAYS);
	for (int i = 0; i < count; i++)
		order[i] = (short)i;
	for (int i = count - 1; i > 0; i--) {
		int other = draw(state, i + 1);
		short kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
	for (int i = 0; i < count; i++) {
		int file = order[i] % files, way = order[i] / files;
		if (errors[file][way] != 0)
			continue;
		if (way == INTERPRETED)
			load_interpreted(told, file, round, was);
		else
			load(told, file, way, round);
	}
}

/* "WORD A NAME B C": one line. */
static void tell(const char *word, int file, int way, long a, long b)
{
	char digits[DIGITS];
	say(1, word);
	say(1, decimal(file, digits));
	say(1, " ");
	say(1, way_names[way]);
	say(1, " ");
	say(1, decimal(a, digits));
	if (b >= 0) {
		say(1, " ");
		say(1, decimal(b, digits));
	}
	say(1, "\n");
}

static void tell_all(int files, int ways, int rounds, double ns_per_tick)
{
	for (int file = 0; file < files; file++)
		for (int way = 0; way < ways; way++) {
			if (errors[file][way] != 0)
				tell("error ", file, way, errors[file][way], -1);
			for (int round = 0; errors[file][way] == 0 && round < rounds; round++)
				tell("load ", file, way, round, (long)((double)ticks[file][way][round] * ns_per_tick));
		}
	say(1, "done\n");
}

int main(int argc, char **argv, char **envp)
{
	struct told *told = (struct told *)map_shared(4096);
	char was[DIGITS], digits[DIGITS];
	long rounds, seed, state = SETTING_OFF, begun, begun_ticks;
	unsigned long drawn;
	int files = argc - 4;

	(void)envp;
	if ((long)told < 0 && (long)told > -4096)
		fault(EXIT_OWN_FAULT, "attach", "map a shared page", 0, (long)told);
	if (files < 1 || files > MOST_FILES || (!same(argv[1], "keep") && !same(argv[1], "switch")))
		fault(EXIT_OWN_FAULT, "attach", "expected keep|switch ROUNDS SEED and at most 16 files", 0, 0);
	rounds = number(argv[2], '\0');
	seed = number(argv[3], '\0');
	if (rounds < 1 || rounds > MOST_ROUNDS || seed < 0)
		fault(EXIT_OWN_FAULT, "attach", "expected at most 1000 rounds and a seed, got", argv[2], 0);
	for (int file = 0; file < files; file++) {
		open_filter("attach", argv[4 + file], &sources[file]);
		make_refused(file);
	}
	stay_here();
	if (same(argv[1], "switch"))
		state = try_switch(was);
	drawn = (unsigned long)seed;
	begun = now();
	begun_ticks = counter();
	for (int round = -1; round < rounds; round++) {
		if (is_abandoned())
			leave(EXIT_OWN_FAULT);
		run_round(told, files, round, &drawn, state == 0 ? was : 0);
	}
	say(1, "attach 1 switch ");
	say(1, decimal(state, digits));
	say(1, "\n");
	tell_all(files, state == 0 ? WAYS : WAYS - 1, (int)rounds, (double)(now() - begun) / (double)(counter() - begun_ticks));
	return 0;
}
