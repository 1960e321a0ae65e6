import { CALL_PARTS } from '../../model/results/syscalls.js';
import type { CallPart, PartCounts } from '../../model/results/syscalls.js';
import { readStraceLine, renumberedTo } from './strace-line.js';
import type { CallEnd } from './strace-line.js';
import { Tally } from './tally.js';

/** Which part a process belongs to. */
export interface PartRules {
  /** Of a thread that was there when tracing began; `undefined` where it was not. */
  readonly atStart: (pid: number) => CallPart | undefined;
  /** Of a program (the path as exec was given it); `undefined`: it stays what it was. */
  readonly ofProgram: (path: string) => CallPart | undefined;
  /** Of a thread whose maker was never seen; `all` where it is not given. */
  readonly otherwise?: CallPart;
}

/** A stretch of a thread's life within one part. */
interface Stretch {
  /** Known at once, or that of the thread that made this one, which may be known later. */
  part: CallPart | undefined;
  from: Stretch | undefined;
  readonly calls: Tally;
  readonly operations: Tally;
}

interface Begun {
  readonly name: string;
  readonly text: string;
  /** Whose call it is, even if the thread is somebody else's when it ends. */
  readonly stretch: Stretch;
  /** A clone was taken for the maker of a new thread already, before it returned. */
  taken: boolean;
}

interface Thread {
  stretch: Stretch;
  begun: Begun | undefined;
}

/**
 * Reads a log of `strace -f -T -o` line by line and counts every call for the part its thread belonged to when it
 * began.
 */
export class StraceLog {
  readonly #rules: PartRules;
  readonly #threads = new Map<number, Thread>();
  readonly #stretches: Stretch[] = [];
  /** Children that a clone returned before they did anything, by pid. */
  readonly #announced = new Map<number, Stretch>();
  #lines = 0;

  constructor(rules: PartRules) {
    this.#rules = rules;
  }

  /** How many lines were of calls or ends of threads. */
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
        const begun = { name: line.name, text: line.text, stretch: thread.stretch, taken: false };
        begun.stretch.calls.begin(line.name);
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
    }
  }

  /** Parts with at least one call, in the order of {@link CALL_PARTS}. */
  parts(): readonly PartCounts[] {
    return CALL_PARTS.flatMap((part) => {
      const [calls, operations] = [new Tally(), new Tally()];
      for (const stretch of this.#stretches) {
        if (partOf(stretch, this.#rules.otherwise) !== part) continue;
        calls.add(stretch.calls);
        operations.add(stretch.operations);
      }
      return calls.isEmpty ? [] : [{ part, calls: calls.counts(), operations: operations.counts() }];
    });
  }

  #thread(pid: number): Thread {
    const known = this.#threads.get(pid);
    if (known !== undefined) return known;
    const part = this.#rules.atStart(pid);
    const thread = {
      stretch: this.#stretch(part, part === undefined ? this.#makerOf(pid) : undefined),
      begun: undefined,
    };
    this.#threads.set(pid, thread);
    return thread;
  }

  /**
   * A thread is often seen before the clone that made it returns, and then belongs to one of those that clone now.
   * Where pids of a namespace are not translated, a child that was told of under another pid is taken; all this is put
   * right where a clone returns the thread's own pid.
   */
  #makerOf(pid: number): Stretch | undefined {
    const announced = this.#announced.get(pid);
    this.#announced.delete(pid);
    if (announced !== undefined) return announced;
    for (const { begun } of this.#threads.values()) {
      if (begun === undefined || begun.taken || !/^(?:clone|fork|vfork)/.test(begun.name)) continue;
      begun.taken = true;
      return begun.stretch;
    }
    const [other] = this.#announced;
    if (other !== undefined) this.#announced.delete(other[0]);
    return other?.[1];
  }

  #stretch(part: CallPart | undefined, from: Stretch | undefined): Stretch {
    const stretch = { part, from, calls: new Tally(), operations: new Tally() };
    this.#stretches.push(stretch);
    return stretch;
  }

  #end(thread: Thread, begun: Begun, { failed, seconds, child }: CallEnd): void {
    begun.stretch.calls.end(begun.name, failed, seconds);
    this.#operation(begun)?.end(failed, seconds);
    if (child !== null) this.#born(child, begun);
    if (failed || !begun.name.startsWith('execve')) return;
    const part = this.#rules.ofProgram(programOf(begun.text));
    if (part !== undefined) thread.stretch = this.#stretch(part, undefined);
  }

  #born(child: number, { stretch, taken }: Begun): void {
    const thread = this.#threads.get(child);
    if (thread === undefined && !taken) this.#announced.set(child, stretch);
    // What it became by an exec meanwhile stays.
    if (thread?.stretch.part === undefined && thread !== undefined) thread.stretch.from = stretch;
  }

  /** The first thread's pid is taken over by the one that called exec. */
  #move(from: number, to: number): void {
    const thread = this.#threads.get(from);
    if (thread === undefined) return;
    this.#threads.delete(from);
    this.#threads.set(to, thread);
  }

  #operation({
    name,
    text,
    stretch,
  }: Begun): { readonly begin: () => void; readonly end: (failed: boolean, seconds: number) => void } | undefined {
    const asked = operationOf(name, text);
    if (asked === undefined) return undefined;
    return {
      begin: () => {
        stretch.operations.begin(asked);
      },
      end: (failed, seconds) => {
        stretch.operations.end(asked, failed, seconds);
      },
    };
  }
}

/**
 * Guesses may contradict each other where pids are not translated: a stretch that leads back to itself belongs to
 * nobody.
 */
function partOf(stretch: Stretch, otherwise: CallPart = 'all'): CallPart {
  const seen = new Set<Stretch>();
  for (let at: Stretch | undefined = stretch; at !== undefined && !seen.has(at); at = at.from) {
    if (at.part !== undefined) return at.part;
    seen.add(at);
  }
  return otherwise;
}

/** Calls whose first argument says whether a filter is loaded by them. */
function operationOf(name: string, text: string): string | undefined {
  const asked = /^(?:seccomp|bpf|prctl)\(([A-Z][A-Z0-9_]+)/.exec(text)?.[1];
  if (asked === undefined || (name === 'prctl' && !/SECCOMP|NO_NEW_PRIVS/.test(asked))) return undefined;
  return `${name}(${asked})`;
}

/** The path exec was given; empty where it was given a descriptor. */
const programOf = (text: string): string => /^execve(?:at)?\((?:[^",]+, )?"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
