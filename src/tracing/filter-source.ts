/** Where the bytes of a filter came from, as a trace shows: made by a traced process, or in a file. */
export type FilterSourceSeen = { readonly kind: 'made' } | { readonly kind: 'file'; readonly path: string };

/** The start of a call: its process, its name, the file of its descriptor, and the rest. */
const TRANSFER = /^(?:\[pid +(\d+)\] |(\d+) +)?(read|pread64|write|pwrite64)\(\d+<([^>]*)>(.*)$/;
const RESUMED = /^(?:\[pid +(\d+)\] |(\d+) +)?<\.\.\. (?:read|pread64|write|pwrite64) resumed>.*\) += (\d+)$/;
const RESULT = /\) += (\d+)$/;

interface Transfer {
  readonly call: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Looks in the output of `strace -f -y` for what was as long as a filter that was loaded: written to a pipe or to
 * memory, as libseccomp exports a filter that it has built; or read from a file. `null` where neither was seen.
 */
export function filterSource(trace: string, sizes: ReadonlySet<number>): FilterSourceSeen | null {
  const all = transfersIn(trace).filter(({ bytes }) => sizes.has(bytes));
  if (all.some(({ call, path }) => /write/.test(call) && isOwn(path))) return { kind: 'made' };
  const read = all.find(({ call, path }) => /read/.test(call) && !isOwn(path));
  return read === undefined ? null : { kind: 'file', path: read.path };
}

/** Not a file that stays: a pipe, memory, or a temporary file without a name. */
const isOwn = (path: string): boolean => !path.startsWith('/') || /^\/memfd:|\(deleted\)$/.test(path);

function transfersIn(trace: string): readonly Transfer[] {
  const found: Transfer[] = [];
  const pending = new Map<string, Omit<Transfer, 'bytes'>>();
  for (const line of trace.split('\n')) {
    const [, bracketed, plain, call, path, rest = ''] = TRANSFER.exec(line) ?? [];
    if (call !== undefined && path !== undefined) {
      const bytes = RESULT.exec(rest)?.[1];
      if (bytes !== undefined) found.push({ call, path, bytes: Number(bytes) });
      else if (rest.includes('<unfinished')) pending.set(bracketed ?? plain ?? '', { call, path });
      continue;
    }
    const [, first, second, bytes] = RESUMED.exec(line) ?? [];
    const begun = pending.get(first ?? second ?? '');
    if (bytes !== undefined && begun !== undefined) found.push({ ...begun, bytes: Number(bytes) });
  }
  return found;
}
