import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { PercallPlan, PercallSample } from '../../model/results/percall.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { recordOf, type Cell } from '../text/csv.js';

/** New columns go to the end. */
const HEADER = [
  ...['run', 'machine', 'engine', 'warmup', 'block', 'position', 'arm', 'state', 'start_ns', 'clock', 'call'],
  ...['round', 'loops', 'ns', 'empty_ns', 'result', 'cause', 'stderr', 'emulation'],
];

/**
 * One record for every timed loop (container, call and round) and one for every container without times; warm-up
 * included. `ns` is the time of all `loops` calls, `empty_ns` that of the same loop without a call. Comma-separated
 * values by RFC 4180 with a header and CRLF, in UTF-8.
 */
export function renderCallsCsv({ run: { name, host, plan, samples } }: PercallAnalysis): string {
  const common = [name, host.machine, plan.engine.name];
  const emulation = emulationOfHost(host)?.kind;
  const records = samples.flatMap((sample) =>
    cellsOf(sample, plan).map((cells) => recordOf([...common, ...cells, emulation])),
  );
  return [recordOf(HEADER), ...records].join('');
}

function cellsOf(sample: PercallSample, { calls, loops }: PercallPlan): readonly (readonly Cell[])[] {
  const { warmup, block, position, arm, state, startNs } = sample;
  const place = [warmup, block, position, arm, state, startNs];
  if (sample.state !== 'ok') {
    const { cause, stderr } = sample;
    return [[...place, ...Array<undefined>(7).fill(undefined), cause, stderr]];
  }
  return calls.flatMap((call, index) => {
    const { ns = [], result } = sample.calls[index] ?? {};
    return ns.map((value, round) => [
      ...[...place, sample.clock, call.name, round, loops, value],
      ...[sample.emptyNs[round], result, undefined, undefined],
    ]);
  });
}
