import type { CallerReport, PercallPlan } from '../model/results/percall.js';
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
