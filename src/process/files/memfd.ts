import { closeSync, fstatSync, ftruncateSync, readSync } from 'node:fs';
import { callFailed, libc } from '../libc.js';

const MFD_CLOEXEC = 1;
const F_SETFL = 4;
const O_APPEND = 0o2000;
/** No cause of failure needs more of a child's output than this. */
const MOST_KEPT_BYTES = 64 * 1024;

/**
 * A file in memory that children write to. Unlike a pipe it never fills, so nothing has to read it while a child is
 * timed.
 */
export class MemoryFile implements Disposable {
  readonly fd: number;

  constructor(name: string) {
    const fd = libc().memfdCreate(name, MFD_CLOEXEC);
    if (fd < 0) throw callFailed('memfd_create', { hint: 'bench requires Linux 3.17 or newer.' });
    this.fd = fd;
    // Children share one offset; appending makes that irrelevant.
    libc().fcntl(fd, F_SETFL, O_APPEND);
  }

  /** What was written since the last call, as UTF-8 (at most its last 64 KiB); the file is empty afterwards. */
  take(): string {
    const { size } = fstatSync(this.fd);
    if (size === 0) return '';
    const length = Math.min(size, MOST_KEPT_BYTES);
    const bytes = Buffer.alloc(length);
    const read = readSync(this.fd, bytes, 0, length, size - length);
    ftruncateSync(this.fd, 0);
    return bytes.toString('utf8', 0, read);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
