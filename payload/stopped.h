/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks that load a filter and then stop at a breakpoint, for which no filter needs to allow anything; what they tell is in memory that they share with
 * their parent.
 */
#ifndef STOPPED_H
#define STOPPED_H

#include "filter.h"

enum { SIGKILL_NR = 9, SIGCHLD_NR = 17, PR_SET_PDEATHSIG = 1, PTRACE_TRACEME = 0, WALL = 0x40000000 };
enum { PROT_RW = 3, MAP_SHARED_ANONYMOUS = 0x21 };

#if defined(__x86_64__)
#define BREAKPOINT() __asm__ volatile("int3" ::: "memory")
#else
#define BREAKPOINT() __asm__ volatile("brk #0" ::: "memory")
#endif

/* The only system call here with six arguments; the last one, an offset, is 0. */
static long map_shared(long bytes)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = MAP_SHARED_ANONYMOUS;
	register long r8 __asm__("r8") = -1;
	register long r9 __asm__("r9") = 0;
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "0"((long)NR_mmap), "D"(0L), "S"(bytes), "d"((long)PROT_RW), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#else
	register long x8 __asm__("x8") = NR_mmap;
	register long x0 __asm__("x0") = 0;
	register long x1 __asm__("x1") = bytes;
	register long x2 __asm__("x2") = PROT_RW;
	register long x3 __asm__("x3") = MAP_SHARED_ANONYMOUS;
	register long x4 __asm__("x4") = -1;
	register long x5 __asm__("x5") = 0;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#endif
}

/* Whether it stopped; otherwise it has ended. */
static int stops(long pid)
{
	int status = 0;
	while (call5(NR_wait4, pid, (long)&status, WALL, 0, 0) == -E_INTR)
		;
	return (status & 0xff) == 0x7f;
}

static void end(long pid)
{
	call3(NR_kill, pid, SIGKILL_NR, 0);
	while (stops(pid))
		;
}

/* A task that its parent can stop, and that dies with it; gives -errno. */
static long begin_task(long parent)
{
	long result = call5(NR_prctl, PR_SET_PDEATHSIG, SIGKILL_NR, 0, 0, 0);
	/* The parent may have ended before. */
	if (result == 0 && call3(NR_getppid, 0, 0, 0) != parent)
		leave(EXIT_OWN_FAULT);
	if (result == 0)
		result = call5(NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (result == 0)
		result = call5(NR_ptrace, PTRACE_TRACEME, 0, 0, 0, 0);
	return result;
}

static void open_filter(const char *program, const char *path, struct filter_source *source)
{
	long fd = call5(NR_openat, AT_FDCWD, (long)path, O_CLOEXEC, 0, 0);
	if (fd < 0)
		fault(EXIT_OWN_FAULT, program, "open", path, fd);
	source->filter.length = read_filter(program, (int)fd, path, source->space);
	source->filter.instructions = source->space;
	call3(NR_close, fd, 0, 0);
}

#endif
