import { ANSWERED_VALUE, answerFacts } from '../model/results/percall/action-price.js';
import type { ActionReport, AnswerName } from '../model/results/percall/action-price.js';
import type { CallerReport, PricedCall } from '../model/results/percall/caller-report.js';
import type { PercallPlan } from '../model/results/percall/percall.js';
import type { ContainerProgram } from '../model/container/program.js';

/** The program that times calls inside a container (payload/caller.c); every engine's root contains it. */
export function callerProgram({
  calls,
  rounds,
  loops,
}: Pick<PercallPlan, 'calls' | 'rounds' | 'loops'>): ContainerProgram {
  const words = calls.map(({ nr, args }) => [nr, ...args].join(','));
  return { kind: 'program', args: ['/caller', String(loops), String(rounds), ...words], env: [], cwd: '/', binds: [] };
}

/** What answers the call, and under which filter. */
export interface AnsweredWork {
  readonly answer: AnswerName;
  /** The filter's bytes. */
  readonly filter: Buffer;
  readonly call: PricedCall;
  readonly rounds: number;
  readonly loops: number;
}

/** The same program, which answers its own filter as a listener or tracer (payload/answer.h). */
export function answeredProgram({ answer, filter, call, rounds, loops }: AnsweredWork): ContainerProgram {
  const { args, ...program } = callerProgram({ calls: [call], rounds, loops });
  return { ...program, args: [...args.slice(0, 3), 'under', answer, filter.toString('hex'), ...args.slice(3)] };
}

/** Reads what it wrote; a report in which not every call was answered is a fault. */
export function readAnswered(
  stdout: string,
  { answer, call, rounds, loops }: Omit<AnsweredWork, 'filter'>,
): ActionReport | { readonly fault: string } {
  const report = readCaller(stdout, { calls: [call], rounds });
  if ('fault' in report) return report;
  const [, mode, filters] = /^proc (-?\d+) (-?\d+)$/m.exec(stdout) ?? [];
  const [, count] = /^answered (\d+)$/m.exec(stdout) ?? [];
  if (mode === undefined || count === undefined) return { fault: 'expected what answered the call, got nothing' };
  const answered = Number(count);
  const { action } = answerFacts(answer);
  const expected = action === 'notify' || action === 'trace' ? loops * rounds : 0;
  if (answered !== expected) return { fault: `${answered} of ${expected} calls were answered` };
  if (report.seccompMode !== FILTER_MODE) return { fault: `seccomp mode ${report.seccompMode} without a filter` };
  const result = report.calls[0]?.result ?? 0;
  if ((answer === 'notify-value') !== (result === ANSWERED_VALUE))
    return { fault: `the call returned ${result}, which is not what answers it` };
  return { ...report, procMode: Number(mode), procFilters: Number(filters), answered };
}

/** SECCOMP_MODE_FILTER. */
const FILTER_MODE = 2;

/** Reads the caller's output, or tells what is wrong with it. */
export function readCaller(
  stdout: string,
  { calls, rounds }: Pick<PercallPlan, 'calls' | 'rounds'>,
): CallerReport | { readonly fault: string } {
  const lines = stdout.split('\n');
  const head = /^caller 2 clock (cpu|monotonic) seccomp (-?\d+) speculation (-?\d+) (-?\d+)$/.exec(lines[0] ?? '');
  if (head === null)
    return { fault: `expected what the caller says first, got ${JSON.stringify((lines[0] ?? '').slice(0, 60))}` };
  const emptyNs: number[] = [];
  const times = calls.map((): { ns: number[]; result: number } => ({ ns: [], result: 0 }));
  for (const line of lines.slice(1)) {
    const [, round, ns] = /^empty (\d+) (\d+)$/.exec(line) ?? [];
    if (round !== undefined) emptyNs[Number(round)] = Number(ns);
    const [, index, inRound, callNs, result] = /^call (\d+) (\d+) (\d+) (-?\d+)$/.exec(line) ?? [];
    const call = times[Number(index)];
    if (call === undefined || inRound === undefined) continue;
    call.ns[Number(inRound)] = Number(callNs);
    call.result = Number(result);
  }
  const whole = [emptyNs, ...times.map(({ ns }) => ns)].every(
    (series) => series.length === rounds && Array.from(series).every((value) => Number.isSafeInteger(value)),
  );
  if (!whole || lines.at(-2) !== 'done')
    return {
      fault: `expected ${rounds} rounds of ${calls.length} calls, got less: the caller did not come to its end`,
    };
  return {
    clock: head[1] === 'cpu' ? 'cpu' : 'monotonic',
    seccompMode: Number(head[2]),
    speculation: [Number(head[3]), Number(head[4])],
    emptyNs,
    calls: times,
  };
}
