import { CALL_PARTS } from '../../model/results/syscalls.js';
import type { CallPart, PartCounts } from '../../model/results/syscalls.js';
import { readStraceLine, renumberedTo } from './strace-line.js';
import type { CallEnd } from './strace-line.js';
import { Tally } from './tally.js';

/** Which part a thread belongs to. */
export interface PartRules {
  /** Of a thread that existed when tracing began; `undefined` where it did not. */
  readonly atStart: (pid: number) => CallPart | undefined;
  /** Of a program (the path as exec gets it); `undefined`: the part does not change. */
  readonly ofProgram: (path: string) => CallPart | undefined;
  /** Of a thread whose parent was never seen; `all` by default. */
  readonly otherwise?: CallPart;
  /** A clone returns its child's pid as strace sees it, also from a pid namespace (`--decode-pids=pidns`). */
  readonly translatesPids?: boolean;
}

/** A period of a thread's life within one part. */
interface Period {
  /** Known at once, or later from the thread that created this one. */
  part: CallPart | undefined;
  from: Period | undefined;
  readonly calls: Tally;
  readonly operations: Tally;
}

interface Begun {
  readonly name: string;
  readonly text: string;
  /** The period that the call belongs to, even if the thread has changed its part when the call ends. */
  readonly period: Period;
  /** A clone counts as the origin of a new thread already, before it returned. */
  taken: boolean;
}

interface Thread {
  /** Its first period, whose origin is the thread that created this one. */
  readonly birth: Period;
  period: Period;
  begun: Begun | undefined;
}

/**
 * Reads a log of `strace -f -T -o` line by line and counts every call for the part that its thread belonged to when the
 * call began.
 */
export class StraceLog {
  readonly #rules: PartRules;
  readonly #threads = new Map<number, Thread>();
  readonly #periods: Period[] = [];
  /** Children that a clone returned before their first call, by pid. */
  readonly #announced = new Map<number, Period>();
  /** Pids whose first thread has ended: another thread with that pid is a new one. */
  readonly #ended = new Set<number>();
  #lines = 0;

  constructor(rules: PartRules) {
    this.#rules = rules;
  }

  /** Number of lines about calls or ends of threads. */
  get lines(): number {
    return this.#lines;
  }

  read(text: string): void {
    const line = readStraceLine(text);
    if (line.kind === 'other') return;
    this.#lines += 1;
    switch (line.kind) {
      case 'begin': {
        const thread = this.#thread(line.pid);
        const begun = { name: line.name, text: line.text, period: thread.period, taken: false };
        begun.period.calls.begin(line.name);
        this.#operation(begun)?.begin();
        const to = renumberedTo(line.text);
        if (line.whole) this.#end(thread, begun, line);
        else if (to === undefined) thread.begun = begun;
        else this.#thread(to).begun = begun;
        return;
      }
      case 'resumed': {
        const thread = this.#thread(line.pid);
        if (thread.begun !== undefined) this.#end(thread, thread.begun, line);
        thread.begun = undefined;
        return;
      }
      case 'superseded': {
        this.#move(line.by, line.pid);
        return;
      }
      case 'renumbered': {
        this.#move(line.pid, line.to);
        return;
      }
      case 'ended':
        this.#threads.delete(line.pid);
        this.#ended.add(line.pid);
    }
  }

  /** Parts with at least one call, in the order of {@link CALL_PARTS}. */
  parts(): readonly PartCounts[] {
    return CALL_PARTS.flatMap((part) => {
      const [calls, operations] = [new Tally(), new Tally()];
      for (const period of this.#periods) {
        if (partOf(period, this.#rules.otherwise) !== part) continue;
        calls.add(period.calls);
        operations.add(period.operations);
      }
      return calls.isEmpty ? [] : [{ part, calls: calls.counts(), operations: operations.counts() }];
    });
  }

  #thread(pid: number): Thread {
    const known = this.#threads.get(pid);
    if (known !== undefined) return known;
    const part = this.#ended.has(pid) ? undefined : this.#rules.atStart(pid);
    const birth = this.#period(part, part === undefined ? this.#originOf(pid) : undefined);
    const thread = { birth, period: birth, begun: undefined };
    this.#threads.set(pid, thread);
    return thread;
  }

  /**
   * A thread often appears before the clone that created it returns; then one of the running clones counts as its
   * origin, which is corrected when a clone returns the thread's own pid. Where pids of a namespace are not translated,
   * a child announced under another pid is used.
   */
  #originOf(pid: number): Period | undefined {
    const announced = this.#announced.get(pid);
    this.#announced.delete(pid);
    if (announced !== undefined) return announced;
    for (const { begun } of this.#threads.values()) {
      if (begun === undefined || begun.taken || !/^(?:clone|fork|vfork)/.test(begun.name)) continue;
      begun.taken = true;
      return begun.period;
    }
    if (this.#rules.translatesPids === true) return undefined;
    const [other] = this.#announced;
    if (other !== undefined) this.#announced.delete(other[0]);
    return other?.[1];
  }

  #period(part: CallPart | undefined, from: Period | undefined): Period {
    const period = { part, from, calls: new Tally(), operations: new Tally() };
    this.#periods.push(period);
    return period;
  }

  #end(thread: Thread, begun: Begun, { failed, seconds, child }: CallEnd): void {
    begun.period.calls.end(begun.name, failed, seconds);
    this.#operation(begun)?.end(failed, seconds);
    if (child !== null) this.#born(child, begun);
    if (failed || !begun.name.startsWith('execve')) return;
    const part = this.#rules.ofProgram(programOf(begun.text));
    if (part !== undefined) thread.period = this.#period(part, undefined);
  }

  /**
   * A clone that counts as the origin of another thread by a wrong guess still announces its own child. A child may
   * have changed its program before the clone returns (vfork): only its first period is the parent's.
   */
  #born(child: number, { period, taken }: Begun): void {
    const thread = this.#threads.get(child);
    if (thread === undefined) {
      if (!taken || this.#rules.translatesPids === true) this.#announced.set(child, period);
    } else if (thread.birth.part === undefined) thread.birth.from = period;
  }

  /** The thread that calls exec takes over the pid of the first thread. */
  #move(from: number, to: number): void {
    const thread = this.#threads.get(from);
    if (thread === undefined) return;
    this.#threads.delete(from);
    this.#threads.set(to, thread);
  }

  #operation({
    name,
    text,
    period,
  }: Begun): { readonly begin: () => void; readonly end: (failed: boolean, seconds: number) => void } | undefined {
    const asked = operationOf(name, text);
    if (asked === undefined) return undefined;
    return {
      begin: () => {
        period.operations.begin(asked);
      },
      end: (failed, seconds) => {
        period.operations.end(asked, failed, seconds);
      },
    };
  }
}

/** Guesses may contradict each other where pids are not translated: a period that leads back to itself has no part. */
function partOf(period: Period, otherwise: CallPart = 'all'): CallPart {
  const seen = new Set<Period>();
  for (let at: Period | undefined = period; at !== undefined && !seen.has(at); at = at.from) {
    if (at.part !== undefined) return at.part;
    seen.add(at);
  }
  return otherwise;
}

/** The operation of calls whose first argument tells whether they load a filter. */
function operationOf(name: string, text: string): string | undefined {
  const asked = /^(?:seccomp|bpf|prctl)\(([A-Z][A-Z0-9_]+)/.exec(text)?.[1];
  if (asked === undefined || (name === 'prctl' && !/SECCOMP|NO_NEW_PRIVS/.test(asked))) return undefined;
  return `${name}(${asked})`;
}

/** The path that exec gets; empty where it gets a descriptor. */
const programOf = (text: string): string => /^execve(?:at)?\((?:[^",]+, )?"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
