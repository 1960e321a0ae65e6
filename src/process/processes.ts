import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 5;

/** Every process started for a run has this in its environment, which is how leftovers are found. */
export const RUN_VARIABLE = 'SECCOMP_BENCH_RUN';

/** A file of /proc as text; `undefined` where the process is gone or belongs to another user. */
export function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Every process that is seen here. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Pids of processes (other than this one) whose environment has the run's id. */
export function processesOfRun(runId: string): readonly number[] {
  const entry = `${RUN_VARIABLE}=${runId}`;
  return allPids().filter(
    (pid) => pid !== process.pid && procFile(pid, 'environ')?.split('\0').includes(entry) === true,
  );
}

/** A variable of a process's environment, as it was started; `undefined`: it has none, or it is another user's. */
export function variableOf(pid: number, name: string): string | undefined {
  const entry = procFile(pid, 'environ')
    ?.split('\0')
    .find((each) => each.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** Fields of /proc/PID/stat from the third (state) on: the name before them may hold spaces and brackets. */
function statFields(pid: number): readonly string[] | undefined {
  const stat = procFile(pid, 'stat');
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** When a process started, in clock ticks since boot. Pid and start together identify a process. */
export function startTicksOf(pid: number): number | undefined {
  const ticks = statFields(pid)?.[19];
  return ticks === undefined ? undefined : Number(ticks);
}

/** CPU time of a process and of its reaped children, in clock ticks; `undefined` where it is gone. */
export function cpuTicksOf(pid: number): { readonly user: number; readonly system: number } | undefined {
  const fields = statFields(pid)?.slice(11, 15).map(Number);
  if (fields === undefined) return undefined;
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields;
  return { user: user + childUser, system: system + childSystem };
}

/** One letter, as in proc(5): R, S, D, T ...; `undefined` where the process is gone. */
export const stateOf = (pid: number): string | undefined => statFields(pid)?.[0];

/** Whether the process still runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Waits until a process that is not a child of this one has ended, at most `limitMs`. */
export async function untilEnded(pid: number, limitMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < limitMs && isRunning(pid); waitedMs += POLL_MS) await sleep(POLL_MS);
}

/** Direct children of a process. */
export function childrenOf(pid: number): readonly number[] {
  const listed = procFile(pid, `task/${pid}/children`);
  if (listed !== undefined) return pidsIn(listed);
  // Kernels without CONFIG_PROC_CHILDREN.
  return allPids().filter((other) => parentOf(other) === pid);
}

/** The same, also of those that another thread started, as those of a Go runtime; only where the kernel lists them. */
export const childrenOfThreads = (pid: number): readonly number[] =>
  threadsOf(pid).flatMap((thread) => pidsIn(procFile(pid, `task/${thread}/children`) ?? ''));

const pidsIn = (listed: string): readonly number[] => listed.trim().split(' ').filter(Boolean).map(Number);

/** All descendants of a process, whichever thread started them. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = allPids().map((other) => ({ other, parent: parentOf(other) }));
  const under = (above: number): readonly number[] =>
    parents.filter(({ parent }) => parent === above).flatMap(({ other }) => [other, ...under(other)]);
  return under(pid);
}

/** Threads of a process; empty where it is gone. */
export const threadsOf = (pid: number): readonly number[] => orNone(() => readdirSync(`/proc/${pid}/task`)).map(Number);

/**
 * Pids of processes that hold a unix socket listening at `path`, oldest first. An ordinary user sees only their own.
 */
export function listenersOf(path: string): readonly number[] {
  // Num RefCount Protocol Flags Type St Inode Path; 10000 in Flags: it accepts connections (__SO_ACCEPTCON).
  const inodes = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, , , flags, , , inode, ...name]) =>
      flags === '00010000' && name.join(' ') === path && inode !== undefined ? [`socket:[${inode}]`] : [],
    );
  return allPids()
    .filter((pid) => filesOf(pid).some((file) => inodes.includes(file)))
    .sort((a, b) => (startTicksOf(a) ?? 0) - (startTicksOf(b) ?? 0));
}

/**
 * The target of each open descriptor of a process, without those closed meanwhile; empty for a process of another
 * user.
 */
export const filesOf = (pid: number): readonly string[] =>
  orNone(() => readdirSync(`/proc/${pid}/fd`)).flatMap((fd) => orNone(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]));

function orNone(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** Parent of a process. */
export function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Kills a process with SIGKILL; one that has ended is fine. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}

/** Kills a child that leads its own process group, and the group. */
export function killGroup(leader: number): void {
  // 0 would be our own group and 1 every process.
  if (!(leader > 1)) throw new RangeError(`expected the pid of a child, got ${leader}`);
  killProcess(-leader);
}

/** argv of a process. */
export function argvOf(pid: number): readonly string[] {
  return procFile(pid, 'cmdline')?.split('\0').slice(0, -1) ?? [];
}

/** The first among a process and its descendants that was started as `program`. */
export function findDescendant(pid: number, program: string): number | undefined {
  if (argvOf(pid)[0] === program) return pid;
  return childrenOf(pid)
    .map((child) => findDescendant(child, program))
    .find((found) => found !== undefined);
}

/** The most memory that a process had at once, in KiB; 0 where it is gone. */
export const peakKiBOf = (pid: number): number =>
  Number(/^VmHWM:\s*(\d+) kB$/m.exec(procFile(pid, 'status') ?? '')?.[1] ?? 0);

/** `Seccomp:` of /proc/PID/status: 0 none, 1 strict, 2 filter. */
export function seccompModeOf(pid: number): number | undefined {
  const match = /^Seccomp:\s*(\d+)$/m.exec(procFile(pid, 'status') ?? '');
  return match === null ? undefined : Number(match[1]);
}
