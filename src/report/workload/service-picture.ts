import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { dotAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { Row, RowsSpec } from '../charts/spec.js';
import { placedIn } from '../pictures/arms.js';
import { runSubtitle, runTitle } from '../words/run.js';
import { shareText } from '../words/cost/share.js';
import { rateText } from './service.js';

/** Requests per second of every arm's server; `null` where no server ran. */
export function servicePicture(analysed: AnalysedRun, id: string): Picture | null {
  const service = analysed.analysis.workload?.service;
  if (service === undefined) return null;
  const placed = placedIn(analysed);
  const rows = service.arms.flatMap(({ arm, requestsPerSecond: rate }): readonly Row[] =>
    rate === null
      ? []
      : [
          {
            label: arm,
            text: rateText(rate),
            role: placed(arm).role,
            value: rate.value,
            low: rate.low,
            high: rate.high,
            marks: [],
          },
        ],
  );
  if (rows.length === 0) return null;
  const spec: RowsSpec = {
    kind: 'rows',
    id,
    title: `${runTitle(analysed)}: requests per second`,
    subtitle: `${runSubtitle(analysed)}. Means of each arm alone, with 95 % intervals; the change in the same block is \
in the table.`,
    axisTitle: 'requests per second (more is better)',
    axis: dotAxis(rows.flatMap(({ value, low, high }) => [value ?? 0, low ?? value ?? 0, high ?? value ?? 0])),
    noEffect: null,
    rows,
  };
  const told = service.changes.map(({ arm, baseline, requestsPerSecond: change }) =>
    change === null
      ? `How many requests ${arm} serves against ${baseline} is not known.`
      : `${arm} serves ${shareText({ ...change, share: Math.abs(change.share), ...boundsOf(change) })} \
${change.share < 0 ? 'fewer' : 'more'} requests per second than ${baseline}.`,
  );
  return pictureOf('price', spec, { sentence: told.join(' '), numbers: numbersOf(spec) });
}

/** The bounds of a change told without its sign. */
function boundsOf({ share, low, high }: { share: number; low: number | null; high: number | null }): {
  readonly low: number | null;
  readonly high: number | null;
} {
  if (share >= 0 || low === null || high === null) return { low, high };
  return { low: -high, high: -low };
}
