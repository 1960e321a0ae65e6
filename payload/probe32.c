/* SPDX-License-Identifier: Apache-2.0
 *
 * A 32-bit program (i386, ARM EABI): writes "ok32" and ends. Under a filter that does not name its architecture the
 * kernel kills it with SIGSYS at the first call, which proves what the filter holds.
 */
static const char text[] = "ok32\n";

static void call3(long nr, long a, long b, long c)
{
#if defined(__i386__)
	__asm__ volatile("int $0x80" : "+a"(nr) : "b"(a), "c"(b), "d"(c) : "memory");
#elif defined(__arm__) && defined(__ARM_EABI__)
	register long r7 __asm__("r7") = nr;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	__asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
#else
#error "Only i386 and ARM EABI are known here."
#endif
}

__attribute__((noreturn)) void _start(void)
{
	enum { NR_exit = 1, NR_write = 4 };
	call3(NR_write, 1, (long)text, sizeof text - 1);
	for (;;)
		call3(NR_exit, 0, 0, 0);
}
