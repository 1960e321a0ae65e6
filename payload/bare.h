/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program needs to live without a C library: system calls, an entry point, a little text.
 * Numbers are spelled out here (kernel ABI, they never change) so that no header's version decides the bytes that are built.
 */
#ifndef BARE_H
#define BARE_H

#if defined(__x86_64__)
enum {
	NR_read = 0, NR_write = 1, NR_close = 3, NR_lseek = 8, NR_nanosleep = 35, NR_execve = 59,
	NR_prctl = 157, NR_clock_gettime = 228, NR_exit_group = 231, NR_ppoll = 271, NR_seccomp = 317,
	NR_chdir = 80, NR_capget = 125, NR_capset = 126, NR_statfs = 137, NR_pivot_root = 155, NR_mount = 165,
	NR_umount2 = 166, NR_openat = 257, NR_mkdirat = 258, NR_prlimit64 = 302,
	NR_mmap = 9, NR_getpid = 39, NR_clone = 56, NR_wait4 = 61, NR_kill = 62, NR_getppid = 110, NR_ptrace = 101, NR_personality = 135,
	NR_sched_setaffinity = 203, NR_getcpu = 309,
};
#elif defined(__aarch64__)
enum {
	NR_close = 57, NR_lseek = 62, NR_read = 63, NR_write = 64, NR_ppoll = 73, NR_exit_group = 94,
	NR_nanosleep = 101, NR_clock_gettime = 113, NR_prctl = 167, NR_execve = 221, NR_seccomp = 277,
	NR_mkdirat = 34, NR_umount2 = 39, NR_mount = 40, NR_pivot_root = 41, NR_statfs = 43, NR_chdir = 49,
	NR_openat = 56, NR_capget = 90, NR_capset = 91, NR_prlimit64 = 261,
	NR_kill = 129, NR_ptrace = 117, NR_personality = 92, NR_getpid = 172, NR_getppid = 173, NR_clone = 220, NR_mmap = 222, NR_wait4 = 260,
	NR_sched_setaffinity = 122, NR_getcpu = 168,
};
#else
#error "Only x86_64 and aarch64 are known here."
#endif

enum { E_NOENT = 2, E_INTR = 4, E_NOEXEC = 8, E_ACCES = 13, E_EXIST = 17, E_INVAL = 22 };

/* Exit codes of the programs that start another one; the same as those of env(1) and docker run. */
enum { EXIT_OWN_FAULT = 125, EXIT_CANNOT_EXEC = 126, EXIT_NOT_FOUND = 127 };

/* Gives the result as the kernel does: -errno on failure. */
static long call5(long nr, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
#else
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
#endif
}

static long call3(long nr, long a, long b, long c)
{
	return call5(nr, a, b, c, 0, 0);
}

static void leave(int code) __attribute__((noreturn));
static void leave(int code)
{
	for (;;)
		call3(NR_exit_group, code, 0, 0);
}

static unsigned long length(const char *text)
{
	unsigned long n = 0;
	while (text[n] != '\0')
		n++;
	return n;
}

static int same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* 0, or -1 when not everything could be written. */
static int say(int fd, const char *text)
{
	unsigned long left = length(text);
	while (left > 0) {
		long n = call3(NR_write, fd, (long)text, (long)left);
		if (n == -E_INTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		left -= (unsigned long)n;
	}
	return 0;
}

/* Room for a 64-bit number in decimal, its sign and the end. */
#define DIGITS 24

static const char *decimal(long value, char buffer[DIGITS])
{
	unsigned long rest = value < 0 ? 0UL - (unsigned long)value : (unsigned long)value;
	char *p = buffer + DIGITS - 1;
	*p = '\0';
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--p = '-';
	return p;
}

/* Reads a decimal number that ends at `end`; -1 where there is none or it is absurdly large. */
static long number(const char *text, char end)
{
	long value = 0;
	if (*text == end)
		return -1;
	for (; *text != end; text++) {
		if (*text < '0' || *text > '9' || value > 100000000)
			return -1;
		value = value * 10 + (*text - '0');
	}
	return value;
}

int main(int argc, char **argv, char **envp);

__attribute__((noreturn, used)) static void begin(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	leave(main(argc, argv, argv + argc + 1));
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");
#else
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tbl begin\n");
#endif

#endif
