/** A line of `strace -f -o` about one thread. */
export type StraceLine =
  /** `whole`: the call also ended on this line. */
  | ({ readonly kind: 'begin'; readonly pid: number; readonly name: string; readonly text: string } & (
      { readonly whole: false } | ({ readonly whole: true } & CallEnd)
    ))
  | ({ readonly kind: 'resumed'; readonly pid: number } & CallEnd)
  | { readonly kind: 'ended'; readonly pid: number }
  /** Another thread of the process called exec and continues under this pid. */
  | { readonly kind: 'superseded'; readonly pid: number; readonly by: number }
  /** The call continues under another pid, as in an exec by a thread other than the first. */
  | { readonly kind: 'renumbered'; readonly pid: number; readonly to: number }
  | { readonly kind: 'other' };

/** How a call ended. */
export interface CallEnd {
  readonly failed: boolean;
  /** Wall time, as -T prints it; 0 where the call did not return. */
  readonly seconds: number;
  /** The pid of the child that the call created, as strace sees it. */
  readonly child: number | null;
}

const OTHER: StraceLine = { kind: 'other' };
const CLONES = new Set(['clone', 'clone2', 'clone3', 'fork', 'vfork']);
/** `= VALUE`, what follows it, and the time of -T. In raw form an error is `-1 (errno 2)`. */
const RETURN = /^.*\)\s+= (\?|-?(?:0x)?[0-9a-f]+)(.*?)(?: <(\d+\.\d+)>)?$/;
/** strace(1), --decode-pids=pidns. */
const OUTSIDE_PID = /\/\* (\d+) in strace's PID NS \*\//;

/** Reads one line; anything else than a call or a thread's end is `other`. */
export function readStraceLine(line: string): StraceLine {
  const [, digits = '', body = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
  if (digits === '') return OTHER;
  const pid = Number(digits);
  if (body.startsWith('+++')) return endOf(pid, body);
  if (body.startsWith('<...')) return resumedOf(pid, body);
  const [, name] = /^([a-z_][a-z_0-9]*)\(/.exec(body) ?? [];
  // The rest of a call that began before strace attached.
  if (name === undefined || body.startsWith('restart_syscall(<...')) return OTHER;
  const end = callEnd(name, body);
  return end === undefined
    ? { kind: 'begin', pid, name, text: body, whole: false }
    : { kind: 'begin', pid, name, text: body, whole: true, ...end };
}

/** The pid under which a call continues, where it changes. */
export function renumberedTo(text: string): number | undefined {
  const to = /<pid changed to (\d+) \.\.\.>$/.exec(text)?.[1];
  return to === undefined ? undefined : Number(to);
}

function endOf(pid: number, body: string): StraceLine {
  const by = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+/.exec(body)?.[1];
  return by === undefined ? { kind: 'ended', pid } : { kind: 'superseded', pid, by: Number(by) };
}

function resumedOf(pid: number, body: string): StraceLine {
  const to = renumberedTo(body);
  if (to !== undefined) return { kind: 'renumbered', pid, to };
  const name = /^<\.\.\. ([a-z_0-9]+) resumed>/.exec(body)?.[1];
  const end = name === undefined ? undefined : callEnd(name, body);
  return end === undefined ? OTHER : { kind: 'resumed', pid, ...end };
}

function callEnd(name: string, text: string): CallEnd | undefined {
  const [, value, after = '', seconds] = RETURN.exec(text) ?? [];
  if (value === undefined) return undefined;
  const failed =
    value === '-1' ? /^ (?:E[A-Z0-9]+|\(errno \d+\))/.test(after) : value === '?' && after.startsWith(' ERESTART');
  return {
    failed,
    seconds: seconds === undefined ? 0 : Number(seconds),
    child: CLONES.has(name) && value !== '?' && !failed ? childOf(value, after) : null,
  };
}

function childOf(value: string, after: string): number | null {
  const pid = Number(OUTSIDE_PID.exec(after)?.[1] ?? value);
  return pid > 0 ? pid : null;
}
