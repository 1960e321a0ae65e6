/* SPDX-License-Identifier: Apache-2.0
 *
 * A child under a seccomp filter, and a parent that answers what the filter asks: nothing (allow, log), a listener's answer (notify, notify-value,
 * notify-sync, notify-killable; notify-one-cpu and notify-two-cpus place both) or a tracer's (trace). The parent counts what it answered. Neither outlives the other: the child dies with its parent
 * (PR_SET_PDEATHSIG, PTRACE_O_EXITKILL) and keeps no descriptor of its own listener, so that a call without a listener fails and does not wait.
 * The caller (caller.c) includes it and gives fault, tell, append and LINE.
 */
#ifndef ANSWER_H
#define ANSWER_H

#if defined(__x86_64__)
enum { NR_rt_sigaction = 13, NR_ioctl = 16, NR_sched_getaffinity = 204, NR_unshare = 272, NR_pipe2 = 293 };
#else
enum { NR_ioctl = 29, NR_pipe2 = 59, NR_unshare = 97, NR_sched_getaffinity = 123, NR_rt_sigaction = 134 };
#endif

enum {
	PR_SET_PDEATHSIG = 1, PR_SET_NO_NEW_PRIVS = 38, SIGKILL_NR = 9, SIGCHLD_NR = 17, SIGTRAP_NR = 5, CLONE_FILES = 0x400, WALL = 0x40000000,
	SA_RESTORER = 0x04000000, O_CLOEXEC = 02000000, AT_FDCWD = -100,
	SECCOMP_SET_MODE_FILTER = 1, SECCOMP_GET_NOTIF_SIZES = 3, FLAG_NEW_LISTENER = 8, FLAG_WAIT_KILLABLE = 32,
	PTRACE_CONT = 7, PTRACE_SEIZE = 0x4206, TRACE_SECCOMP_AND_EXITKILL = 0x100080, SECCOMP_STOP = SIGTRAP_NR | 7 << 8,
	ANSWER_CONTINUE = 1, ANSWERED_VALUE = 20211230, MOST_ANSWER_INSTRUCTIONS = 64, MOST_NOTIFICATION = 512, MOST_PROCESSORS = 8192, STATUS_BYTES = 4096,
	EXIT_REFUSED = 69, EXIT_LOST = 70,
};
/* _IOWR('!', 0, 80 bytes), _IOWR('!', 1, 24 bytes), _IOW('!', 4, 8 bytes) of linux/seccomp.h. */
static const long NOTIF_RECEIVE = 0xc0502100, NOTIF_SEND = 0xc0182101, NOTIF_SET_FLAGS = 0x40082104;

enum answer_kind { ANSWER_NOTHING, ANSWER_NOTIFY, ANSWER_TRACE };

struct answer {
	const char *name;
	enum answer_kind kind;
	long flags, value, sync;
	/* How many processors the child and its parent share: 0 as the kernel wants. */
	long processors;
};

static const struct answer answers[] = {
	{ "allow", ANSWER_NOTHING, 0, 0, 0, 0 },
	{ "log", ANSWER_NOTHING, 0, 0, 0, 0 },
	{ "trace", ANSWER_TRACE, 0, 0, 0, 0 },
	{ "notify", ANSWER_NOTIFY, FLAG_NEW_LISTENER, 0, 0, 0 },
	{ "notify-value", ANSWER_NOTIFY, FLAG_NEW_LISTENER, ANSWERED_VALUE, 0, 0 },
	{ "notify-sync", ANSWER_NOTIFY, FLAG_NEW_LISTENER, 0, 1, 0 },
	{ "notify-killable", ANSWER_NOTIFY, FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE, 0, 0, 0 },
	{ "notify-one-cpu", ANSWER_NOTIFY, FLAG_NEW_LISTENER, 0, 0, 1 },
	{ "notify-two-cpus", ANSWER_NOTIFY, FLAG_NEW_LISTENER, 0, 0, 2 },
};

/* struct sock_filter and struct sock_fprog. */
struct answer_filter {
	unsigned short length;
	struct { unsigned short code; unsigned char jt, jf; unsigned int k; } *instructions;
};

struct notification { unsigned long id; unsigned int pid, flags; unsigned char data[64]; };
struct notified { unsigned long id; long value; int error; unsigned int flags; };

static unsigned long answer_space[MOST_ANSWER_INSTRUCTIONS];
static struct answer_filter answer_filter;
static const struct answer *answer;
static volatile long answered;
static long answering_child;

static void take_answer(const char *name)
{
	for (unsigned long i = 0; i < sizeof answers / sizeof *answers; i++)
		if (same(name, answers[i].name))
			answer = &answers[i];
	if (answer == 0)
		fault(EXIT_USAGE, "expected allow, log, trace, notify or one of its forms, got ", name, 0);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of the filter, two hexadecimal digits each. */
static void take_filter(const char *text)
{
	unsigned char *to = (unsigned char *)answer_space;
	unsigned long bytes = length(text) / 2;
	if (bytes == 0 || length(text) % 16 != 0 || bytes > sizeof answer_space)
		fault(EXIT_USAGE, "expected 1 to 64 instructions of 16 hexadecimal digits, got ", text, 0);
	for (unsigned long i = 0; i < bytes; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			fault(EXIT_USAGE, "expected hexadecimal digits, got ", text, 0);
		to[i] = (unsigned char)(high * 16 + low);
	}
	answer_filter.length = (unsigned short)(bytes / 8);
	answer_filter.instructions = (void *)answer_space;
}

/* Gives how many arguments were taken. */
static int take_under(int argc, char **argv)
{
	if (argc < 1 || !same(argv[0], "under"))
		return 0;
	if (argc < 3)
		fault(EXIT_USAGE, "expected under ANSWER FILTER", "", 0);
	take_answer(argv[1]);
	take_filter(argv[2]);
	return 3;
}

/* The number after a word at the start of a line of /proc/self/status; -1: no such line. */
static long status_number(const char *text, const char *word)
{
	for (const char *at = text; *at != '\0';) {
		const char *p = at, *w = word;
		while (*w != '\0' && *p == *w) {
			p++;
			w++;
		}
		if (*w == '\0') {
			while (*p == '\t' || *p == ' ')
				p++;
			return number(p, '\n');
		}
		while (*at != '\0' && *at != '\n')
			at++;
		at += *at == '\n';
	}
	return -1;
}

/* "proc MODE FILTERS": -errno where /proc cannot be read, -1 where it has no such line. */
static void tell_proc(void)
{
	static char text[STATUS_BYTES];
	long numbers[2] = { -1, -1 };
	long fd = call5(NR_openat, AT_FDCWD, (long)"/proc/self/status", O_CLOEXEC, 0, 0);
	if (fd >= 0) {
		long n = call3(NR_read, fd, (long)text, STATUS_BYTES - 1);
		text[n > 0 ? n : 0] = '\0';
		numbers[0] = status_number(text, "Seccomp:");
		numbers[1] = status_number(text, "Seccomp_filters:");
		call3(NR_close, fd, 0, 0);
	} else {
		numbers[0] = fd;
	}
	tell("proc", numbers, 2);
}

/* In the child: gives the listener's descriptor, 0 where the filter has none. */
static long load_answer_filter(void)
{
	long result = call5(NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (result < 0)
		fault(EXIT_REFUSED, "set no_new_privs for ", answer->name, result);
	result = call3(NR_seccomp, SECCOMP_SET_MODE_FILTER, answer->flags, (long)&answer_filter);
	if (result < 0)
		fault(EXIT_REFUSED, "load filter of ", answer->name, result);
	return result;
}

/* Waits for the parent's word; the end of the pipe means that it is gone. */
static void wait_for_parent(long fd)
{
	char word;
	if (call3(NR_read, fd, (long)&word, 1) != 1)
		leave(EXIT_LOST);
}

/* The child on the first processor that it may use, its parent there too or on the last one. */
static void place(int is_parent)
{
	unsigned long allowed[MOST_PROCESSORS / 64], chosen[MOST_PROCESSORS / 64];
	long first = -1, last = -1, bytes, result;
	if (answer->processors == 0)
		return;
	bytes = call3(NR_sched_getaffinity, 0, sizeof allowed, (long)allowed);
	for (long i = 0; i < bytes * 8; i++) {
		if ((allowed[i / 64] >> i % 64 & 1) == 0)
			continue;
		if (first < 0)
			first = i;
		last = i;
	}
	if (first < 0 || (answer->processors == 2 && first == last))
		fault(EXIT_REFUSED, "place both on processors for ", answer->name, bytes < 0 ? bytes : -E_INVAL);
	for (unsigned long i = 0; i < sizeof chosen / sizeof *chosen; i++)
		((volatile unsigned long *)chosen)[i] = 0;
	if (is_parent && answer->processors == 2)
		first = last;
	chosen[first / 64] = 1UL << first % 64;
	result = call3(NR_sched_setaffinity, 0, sizeof chosen, (long)chosen);
	if (result < 0)
		fault(EXIT_REFUSED, "place both on processors for ", answer->name, result);
}

/* In the child. Descriptors are shared with the parent until the listener is there for both. */
static void begin_child(long parent, const int *pipe)
{
	long result = call5(NR_prctl, PR_SET_PDEATHSIG, SIGKILL_NR, 0, 0, 0), listener;
	if (result < 0)
		fault(EXIT_REFUSED, "die with the parent of ", answer->name, result);
	/* The parent may have ended before. */
	if (call3(NR_getppid, 0, 0, 0) != parent)
		leave(EXIT_LOST);
	place(0);
	if (answer->kind == ANSWER_TRACE)
		wait_for_parent(pipe[0]);
	listener = load_answer_filter();
	result = call3(NR_unshare, CLONE_FILES, 0, 0);
	if (result < 0)
		fault(EXIT_REFUSED, "unshare descriptors of ", answer->name, result);
	if (answer->kind == ANSWER_NOTIFY) {
		call3(NR_close, listener, 0, 0);
		call3(NR_write, pipe[1], (long)&listener, sizeof listener);
	}
	call3(NR_close, pipe[0], 0, 0);
	call3(NR_close, pipe[1], 0, 0);
}

/* Waits for the child's end, says how many calls were answered, and ends as the child did. */
static void end_with_child(int status) __attribute__((noreturn));
static void end_with_child(int status)
{
	const long told[] = { answered };
	if ((status & 0x7f) != 0)
		fault(EXIT_LOST, "a signal ended the caller under ", answer->name, 0);
	if ((status >> 8 & 0xff) != 0)
		leave(status >> 8 & 0xff);
	tell("answered", told, 1);
	leave(say(1, "done\n") == 0 ? 0 : EXIT_WRITE);
}

static int wait_for_child(void)
{
	int status = 0;
	long result;
	do {
		result = call5(NR_wait4, answering_child, (long)&status, WALL, 0, 0);
	} while (result == -E_INTR);
	if (result < 0)
		fault(EXIT_LOST, "wait for the caller under ", answer->name, result);
	return status;
}

/* The listener waits in the kernel; not every kernel wakes it when the last task of the filter ends. */
static void child_ended(int signal)
{
	(void)signal;
	end_with_child(wait_for_child());
}

static void watch_child(void)
{
	/* The handler never returns, so what would restore the interrupted state is never called. */
	struct { void (*handler)(int); unsigned long flags; void (*restorer)(int); unsigned long mask; } action = {
		child_ended, SA_RESTORER, child_ended, 0,
	};
	long result = call5(NR_rt_sigaction, SIGCHLD_NR, (long)&action, 0, sizeof action.mask, 0);
	if (result < 0)
		fault(EXIT_REFUSED, "watch the caller under ", answer->name, result);
}

/* A fault of the parent ends the child too, by PR_SET_PDEATHSIG. */
static void serve(long listener) __attribute__((noreturn));
static void serve(long listener)
{
	union { struct notification notification; char space[MOST_NOTIFICATION]; } got;
	struct notified reply;
	unsigned short sizes[3] = { 0, 0, 0 };
	long result = call3(NR_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, (long)sizes);
	if (result < 0 || sizes[0] > sizeof got || sizes[1] != sizeof reply)
		fault(EXIT_REFUSED, "size of notifications of ", answer->name, result);
	for (;;) {
		/* The kernel takes zeroes only. */
		for (unsigned long i = 0; i < sizes[0] / sizeof(long); i++)
			((volatile long *)&got)[i] = 0;
		result = call3(NR_ioctl, listener, NOTIF_RECEIVE, (long)&got);
		/* Without the child's filter there is nothing to receive; its end interrupts soon. */
		if (result == -E_INTR || result == -E_NOENT)
			continue;
		if (result < 0)
			fault(EXIT_LOST, "receive a notification of ", answer->name, result);
		reply.id = got.notification.id;
		reply.value = answer->value;
		reply.error = 0;
		reply.flags = answer->value == 0 ? ANSWER_CONTINUE : 0;
		answered++;
		result = call3(NR_ioctl, listener, NOTIF_SEND, (long)&reply);
		if (result < 0 && result != -E_NOENT)
			fault(EXIT_LOST, "answer a notification of ", answer->name, result);
	}
}

static void listen_to_child(const int *pipe) __attribute__((noreturn));
static void listen_to_child(const int *pipe)
{
	long listener = -1, result;
	do {
		result = call3(NR_read, pipe[0], (long)&listener, sizeof listener);
	} while (result == -E_INTR);
	if (result != sizeof listener)
		fault(EXIT_LOST, "read the listener of ", answer->name, result);
	if (answer->sync != 0) {
		result = call3(NR_ioctl, listener, NOTIF_SET_FLAGS, answer->sync);
		if (result < 0)
			fault(EXIT_REFUSED, "set flags of the listener of ", answer->name, result);
	}
	place(1);
	serve(listener);
}

static void trace_child(const int *pipe) __attribute__((noreturn));
static void trace_child(const int *pipe)
{
	long result = call5(NR_ptrace, PTRACE_SEIZE, answering_child, 0, TRACE_SECCOMP_AND_EXITKILL, 0);
	if (result < 0)
		fault(EXIT_REFUSED, "trace the caller under ", answer->name, result);
	call3(NR_write, pipe[1], (long)"g", 1);
	for (;;) {
		int status = wait_for_child();
		if ((status & 0xff) != 0x7f)
			end_with_child(status);
		answered += status >> 8 == SECCOMP_STOP;
		/* A signal that stopped it is delivered; the filter's stop has none. */
		result = call5(NR_ptrace, PTRACE_CONT, answering_child, 0, status >> 8 == SECCOMP_STOP ? 0 : status >> 8 & 0xff, 0);
		if (result < 0)
			fault(EXIT_LOST, "continue the caller under ", answer->name, result);
	}
}

/* Returns in the child alone, once its filter is loaded. */
static void split_under_answer(void)
{
	int pipe[2];
	long own = call3(NR_getpid, 0, 0, 0);
	long result = call3(NR_pipe2, (long)pipe, O_CLOEXEC, 0);
	if (result < 0)
		fault(EXIT_REFUSED, "make a pipe for ", answer->name, result);
	if (answer->kind == ANSWER_NOTIFY)
		watch_child();
	result = call5(NR_clone, CLONE_FILES | SIGCHLD_NR, 0, 0, 0, 0);
	if (result == 0) {
		begin_child(own, pipe);
		return;
	}
	if (result < 0)
		fault(EXIT_REFUSED, "fork for ", answer->name, result);
	answering_child = result;
	if (answer->kind == ANSWER_NOTIFY)
		listen_to_child(pipe);
	if (answer->kind == ANSWER_TRACE)
		trace_child(pipe);
	end_with_child(wait_for_child());
}

#endif
