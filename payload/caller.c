/* SPDX-License-Identifier: Apache-2.0
 *
 * caller LOOPS ROUNDS [touch KIB sequential|random STRIDE] [under ANSWER FILTER] CALL...
 *
 * Times system calls where it runs: LOOPS times each CALL in a row, ROUNDS times over, and in every round as many empty turns of the same loop,
 * which whoever reads subtracts. A CALL is NUMBER[,ARGUMENT]..., at most six arguments: decimal, 0x hexadecimal, or @ for the address of 4096 bytes of its own.
 *
 * With `touch`, a line of memory every STRIDE bytes of KIB KiB is read and followed before each call (and in each empty turn): in the order of
 * addresses, or in one fixed random order, each line once. Both read as many lines, each naming the next, so only the order differs.
 *
 * With `under`, a child of its own makes the calls under FILTER (hexadecimal, its instructions byte by byte), and the caller is what the filter asks: ANSWER
 * is allow, log (nobody is asked), trace (a tracer that continues), notify (a listener that answers CONTINUE), notify-value (one that answers
 * a value), notify-one-cpu and notify-two-cpus (the same as notify, with both on one processor or on two), notify-sync (SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) or notify-killable (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV). Times are then of
 * CLOCK_MONOTONIC, as the call waits for another process.
 *
 * Times are the thread's own CPU time, which stands still while something else has the processor; where the system's clock of it is too coarse
 * (gVisor), CLOCK_MONOTONIC. Writes, one line each, times in ns:
 *   caller 2 clock cpu|monotonic seccomp MODE speculation STORE INDIRECT
 *                                                        MODE, STORE, INDIRECT: what prctl says (PR_GET_SECCOMP, PR_GET_SPECULATION_CTRL), -errno where denied
 *   empty ROUND NS                                       ROUND counts from 0, NS is of all LOOPS turns
 *   call INDEX ROUND NS RESULT                           INDEX counts CALLs from 0, RESULT is the last one, -errno where it failed
 *   done
 * With `under` also, the first after `caller`, the other before `done`:
 *   proc MODE FILTERS                                    of /proc/self/status; -errno where it cannot be read, -1 without such a line
 *   answered COUNT                                       notifications that were answered, or stops that were continued
 * A fault is one line on stderr; exit 64 for a wrong argument, 69 where the kernel refuses the answer, 70 where caller or listener is lost, 71 where the system denies a clock or memory, 74 where it cannot write.
 */
#include "bare.h"

enum {
	CLOCK_MONOTONIC = 1, CLOCK_THREAD_CPU = 3, READINGS = 1000, PR_GET_SECCOMP = 21, PR_GET_SPECULATION_CTRL = 52, STORE_BYPASS = 0, INDIRECT_BRANCH = 1,
	READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22,
	EXIT_USAGE = 64, EXIT_DENIED = 71, EXIT_WRITE = 74,
	MOST_CALLS = 64, ARGUMENTS = 6, LINE = 160, LEAST_STRIDE = 64, MOST_STRIDE = 1 << 20, MOST_KIB = 4 << 20,
};

struct call { long number, arguments[ARGUMENTS]; };

static struct call calls[MOST_CALLS];
static char own[4096];

/* Where the walk through memory stands, and how many lines it goes before each call; 0 without `touch`. */
static void *volatile *line;
static long lines;

static void fault(int code, const char *step, const char *subject, long result) __attribute__((noreturn));
static void fault(int code, const char *step, const char *subject, long result)
{
	char digits[DIGITS];
	say(2, "caller: ");
	say(2, step);
	say(2, subject);
	if (result < 0) {
		say(2, ": errno ");
		say(2, decimal(-result, digits));
	}
	say(2, "\n");
	leave(code);
}

static long do_call(const struct call *c)
{
	const long *a = c->arguments;
#if defined(__x86_64__)
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "0"(c->number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#else
	register long x8 __asm__("x8") = c->number;
	register long x0 __asm__("x0") = a[0];
	register long x1 __asm__("x1") = a[1];
	register long x2 __asm__("x2") = a[2];
	register long x3 __asm__("x3") = a[3];
	register long x4 __asm__("x4") = a[4];
	register long x5 __asm__("x5") = a[5];
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#endif
}

static long used_clock = CLOCK_THREAD_CPU;

static long now(void)
{
	struct { long seconds, nanoseconds; } time = { 0, 0 };
	long result = call3(NR_clock_gettime, used_clock, (long)&time, 0);
	if (result < 0)
		fault(EXIT_DENIED, "clock_gettime", "", result);
	return time.seconds * 1000000000 + time.nanoseconds;
}

/* A clock that ticks in milliseconds stays where it is for most of so many readings. */
static void choose_clock(void)
{
	long moved = 0, last = now();
	for (int i = 0; i < READINGS; i++) {
		long next = now();
		moved += next != last;
		last = next;
	}
	if (moved < READINGS / 2)
		used_clock = CLOCK_MONOTONIC;
}

static inline void touch(void)
{
	void *volatile *at = line;
	for (long left = lines; left > 0; left--)
		at = *at;
	line = at;
}

/* ns of `loops` turns; the call's last result goes to `result`. */
static long time_call(const struct call *c, long loops, long *result)
{
	long start = now();
	for (long left = loops; left > 0; left--) {
		touch();
		*result = do_call(c);
	}
	return now() - start;
}

static long time_empty(long loops)
{
	long start = now();
	for (long left = loops; left > 0; left--) {
		touch();
		__asm__ volatile("" : : : "memory");
	}
	return now() - start;
}

/* Appends to a line that has room for all there is to say. */
static char *append(char *to, const char *text)
{
	while (*text != '\0')
		*to++ = *text++;
	*to = '\0';
	return to;
}

/* "WORD A B C": one line, one write. */
static void tell(const char *word, const long *numbers, int count)
{
	char text[LINE], digits[DIGITS];
	char *end = append(text, word);
	for (int i = 0; i < count; i++)
		end = append(append(end, " "), decimal(numbers[i], digits));
	append(end, "\n");
	if (say(1, text) != 0)
		leave(EXIT_WRITE);
}

#include "answer.h"

static void tell_state(void)
{
	char text[LINE], digits[DIGITS];
	char *end = append(text, used_clock == CLOCK_MONOTONIC ? "caller 2 clock monotonic seccomp " : "caller 2 clock cpu seccomp ");
	end = append(end, decimal(call5(NR_prctl, PR_GET_SECCOMP, 0, 0, 0, 0), digits));
	end = append(append(end, " speculation "), decimal(call5(NR_prctl, PR_GET_SPECULATION_CTRL, STORE_BYPASS, 0, 0, 0), digits));
	end = append(append(end, " "), decimal(call5(NR_prctl, PR_GET_SPECULATION_CTRL, INDIRECT_BRANCH, 0, 0, 0), digits));
	tell(text, 0, 0);
}

/* An unsigned number of 64 bits that ends at a comma or with the text; `*text` moves to its end. */
static unsigned long take_number(const char **text, const char *whole)
{
	unsigned long value = 0, base = 10;
	const char *p = *text;
	if (p[0] == '0' && p[1] == 'x') {
		base = 16;
		p += 2;
	}
	if (*p == '\0' || *p == ',')
		fault(EXIT_USAGE, "expected NUMBER[,ARGUMENT]..., got ", whole, 0);
	for (; *p != '\0' && *p != ','; p++) {
		unsigned long digit = *p >= '0' && *p <= '9' ? (unsigned long)(*p - '0') : *p >= 'a' && *p <= 'f' ? (unsigned long)(*p - 'a') + 10 : 99;
		if (digit >= base || value > (~0UL - digit) / base)
			fault(EXIT_USAGE, "expected NUMBER[,ARGUMENT]..., got ", whole, 0);
		value = value * base + digit;
	}
	*text = p;
	return value;
}

static void take_call(struct call *c, const char *whole)
{
	const char *text = whole;
	c->number = (long)take_number(&text, whole);
	for (int i = 0; *text == ','; i++) {
		text++;
		if (i == ARGUMENTS)
			fault(EXIT_USAGE, "expected at most 6 arguments, got ", whole, 0);
		if (text[0] == '@' && (text[1] == ',' || text[1] == '\0')) {
			c->arguments[i] = (long)own;
			text++;
		} else {
			c->arguments[i] = (long)take_number(&text, whole);
		}
	}
}

static long take_count(const char *text, const char *wanted, long least, long most)
{
	long value = number(text, '\0');
	if (value < least || value > most)
		fault(EXIT_USAGE, wanted, text, 0);
	return value;
}

/* A fixed sequence (Marsaglia's xorshift64, 13 7 17): the same order in every container. */
static unsigned long next_random(unsigned long *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Every line holds the address of the next; the last that of the first. */
static void lay_out(long kib, int random, long stride)
{
	unsigned long state = 20211230;
	struct call map = { NR_mmap, { 0, kib * 1024, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0 } };
	long result = do_call(&map);
	if (result < 0 && result > -4096)
		fault(EXIT_DENIED, "mmap", "", result);
	char *memory = (char *)result;
	lines = kib * 1024 / stride;
	for (long i = 0; i < lines; i++)
		*(void **)(memory + i * stride) = memory + (random ? i : (i + 1) % lines) * stride;
	/* Sattolo's shuffle: one cycle through all lines. */
	for (long i = lines - 1; random && i > 0; i--) {
		void **here = (void **)(memory + i * stride);
		void **other = (void **)(memory + (long)(next_random(&state) % (unsigned long)i) * stride);
		void *kept = *here;
		*here = *other;
		*other = kept;
	}
	line = (void *volatile *)memory;
}

/* Gives how many arguments were taken. */
static int take_touch(int argc, char **argv)
{
	if (argc < 1 || !same(argv[0], "touch"))
		return 0;
	if (argc < 4)
		fault(EXIT_USAGE, "expected touch KIB sequential|random STRIDE", "", 0);
	long kib = take_count(argv[1], "expected 1 to 4194304 KiB, got ", 1, MOST_KIB);
	if (!same(argv[2], "sequential") && !same(argv[2], "random"))
		fault(EXIT_USAGE, "expected sequential or random, got ", argv[2], 0);
	long stride = take_count(argv[3], "expected a stride of 64 to 1048576 bytes, got ", LEAST_STRIDE, MOST_STRIDE);
	if (stride % 8 != 0 || stride > kib * 1024)
		fault(EXIT_USAGE, "expected a stride that 8 divides, no larger than the memory, got ", argv[3], 0);
	lay_out(kib, same(argv[2], "random"), stride);
	return 4;
}

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	if (argc < 4)
		fault(EXIT_USAGE, "expected LOOPS ROUNDS [touch KIB sequential|random STRIDE] [under ANSWER FILTER] CALL...", "", 0);
	long loops = take_count(argv[1], "expected 1 to 1000000000 loops, got ", 1, 1000000000);
	long rounds = take_count(argv[2], "expected 1 to 100000 rounds, got ", 1, 100000);
	int first = 3 + take_touch(argc - 3, argv + 3);
	first += take_under(argc - first, argv + first);
	int count = argc - first;
	if (count < 1 || count > MOST_CALLS)
		fault(EXIT_USAGE, "expected 1 to 64 calls", "", 0);
	for (int i = 0; i < count; i++)
		take_call(&calls[i], argv[first + i]);
	if (answer == 0) {
		choose_clock();
	} else {
		used_clock = CLOCK_MONOTONIC;
		split_under_answer();
	}
	tell_state();
	if (answer != 0)
		tell_proc();
	for (long round = 0; round < rounds; round++) {
		const long empty[] = { round, time_empty(loops) };
		tell("empty", empty, 2);
		/* Each round begins with another call, so that none always follows the same. */
		for (int turn = 0; turn < count; turn++) {
			long index = (turn + round) % count, result = 0;
			long ns = time_call(&calls[index], loops, &result);
			const long told[] = { index, round, ns, result };
			tell("call", told, 4);
		}
	}
	/* Under an answer its parent ends the report. */
	return answer != 0 || say(1, "done\n") == 0 ? 0 : EXIT_WRITE;
}
