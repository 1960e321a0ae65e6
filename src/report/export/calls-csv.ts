import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { PercallPlan, PercallSample } from '../../model/results/percall/percall.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { recordOf, type Cell } from '../text/csv.js';

/** New columns go to the end. */
const HEADER = [
  ...['run', 'machine', 'engine', 'warmup', 'block', 'position', 'arm', 'state', 'start_ns', 'clock', 'call'],
  ...['round', 'loops', 'ns', 'empty_ns', 'result', 'cause', 'stderr', 'emulation'],
];

/**
 * One record for every timed loop (container, call and round) and one for every container without times; warm-up
 * included. What answered a call (`answer/notify`) is in place of the arm. `ns` is the time of all `loops` calls,
 * `empty_ns` that of the same loop without a call. Comma-separated values by RFC 4180 with a header and CRLF, in UTF-8.
 */
export function renderCallsCsv({ run: { name, host, plan, samples, actionSamples } }: PercallAnalysis): string {
  const common = [name, host.machine, plan.engine.name];
  const emulation = emulationOfHost(host)?.kind;
  const records = samples.flatMap((sample) =>
    cellsOf(sample, plan).map((cells) => recordOf([...common, ...cells, emulation])),
  );
  const ofActions = (actionSamples ?? []).flatMap((sample) => {
    const { actions } = plan;
    if (actions === undefined) return [];
    const cells = cellsOf(
      { ...sample, arm: armOfAction(sample.action) },
      { calls: [actions.call], loops: actions.loops },
    );
    return cells.map((one) => recordOf([...common, ...one, emulation]));
  });
  return [recordOf(HEADER), ...records, ...ofActions].join('');
}

/** In place of an arm: no arm has a slash in its name. */
export const armOfAction = (name: string): string => `answer/${name}`;

function cellsOf(
  sample: PercallSample,
  { calls, loops }: Pick<PercallPlan, 'calls' | 'loops'>,
): readonly (readonly Cell[])[] {
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
