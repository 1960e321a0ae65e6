/* SPDX-License-Identifier: Apache-2.0
 *
 * A setting of the kernel below /proc/sys, which a program changes for a moment and restores.
 */
#ifndef SETTING_H
#define SETTING_H

#include "contain.h"

enum { O_WRONLY = 1 };

/* -errno where the kernel refuses the value. */
static long write_setting(const char *path, const char *text)
{
	long fd = call5(NR_openat, AT_FDCWD, (long)path, O_WRONLY | O_CLOEXEC, 0, 0), result;
	if (fd < 0)
		return fd;
	result = call3(NR_write, fd, (long)text, (long)length(text));
	call3(NR_close, fd, 0, 0);
	return result < 0 ? result : 0;
}

/* -errno where it cannot be read; the text has its line's end. */
static long read_setting(const char *path, char text[DIGITS])
{
	long fd = call5(NR_openat, AT_FDCWD, (long)path, O_CLOEXEC, 0, 0), result;
	if (fd < 0)
		return fd;
	result = call3(NR_read, fd, (long)text, DIGITS - 1);
	text[result > 0 ? result : 0] = '\0';
	call3(NR_close, fd, 0, 0);
	return result < 0 ? result : result == 0 ? -E_INVAL : 0;
}

#endif
