/** One line of /proc/self/mounts (proc(5)). */
export interface Mount {
  readonly where: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The mounts in the text of /proc/self/mounts, in the order they were made: of two in one place the last is seen. */
export const mountsIn = (text: string): readonly Mount[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .map(([, where = '', type = '', options = '']) => ({ where, type, options: options.split(',') }));

/** Whether tracefs is mounted, which perf needs to count system calls. As root, perf would mount it and leave it so. */
export const hasTracefs = (mounts: readonly Mount[]): boolean => mounts.some(({ type }) => type === 'tracefs');

/** As root. */
export const MOUNT_TRACEFS = 'mount -t tracefs tracefs /sys/kernel/tracing';
