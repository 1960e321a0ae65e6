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
  if (all.some(({ call, path }) => call.includes('write') && isOwn(path))) return { kind: 'made' };
  const read = all.find(({ call, path }) => call.includes('read') && isFile(path));
  return read === undefined ? null : { kind: 'file', path: read.path };
}

/** Not a file that stays: a pipe, memory, or a temporary file without a name. What a socket carries is no filter. */
const isOwn = (path: string): boolean => /^pipe:|^\/memfd:|\(deleted\)$/.test(path);

const isFile = (path: string): boolean => path.startsWith('/') && !isOwn(path);

function transfersIn(trace: string): readonly Transfer[] {
  const found: Transfer[] = [];
  const pending = new Map<string, Omit<Transfer, 'bytes'>>();
  for (const line of trace.split('\n')) {
    const begun = begunIn(line);
    if (begun === undefined) found.push(...resumedIn(line, pending));
    else if (begun.bytes !== undefined) found.push({ ...begun, bytes: begun.bytes });
    else if (begun.isUnfinished) pending.set(begun.pid, begun);
  }
  return found;
}

/** A call as far as its line shows it; `bytes`: absent where it failed or its end comes later. */
interface Begun extends Omit<Transfer, 'bytes'> {
  readonly pid: string;
  readonly bytes: number | undefined;
  readonly isUnfinished: boolean;
}

function begunIn(line: string): Begun | undefined {
  const [, bracketed, plain, call, path, rest = ''] = TRANSFER.exec(line) ?? [];
  if (call === undefined || path === undefined) return undefined;
  const bytes = RESULT.exec(rest)?.[1];
  return {
    pid: bracketed ?? plain ?? '',
    call,
    path,
    bytes: bytes === undefined ? undefined : Number(bytes),
    isUnfinished: rest.includes('<unfinished'),
  };
}

function resumedIn(line: string, pending: ReadonlyMap<string, Omit<Transfer, 'bytes'>>): readonly Transfer[] {
  const [, bracketed, plain, bytes] = RESUMED.exec(line) ?? [];
  const begun = pending.get(bracketed ?? plain ?? '');
  return bytes === undefined || begun === undefined ? [] : [{ ...begun, bytes: Number(bytes) }];
}
