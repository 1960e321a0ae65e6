import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import { sentence } from '../text/format.js';
import { overheadCurve } from '../workload/workload-curve.js';

/** The overhead of a program by its rate of calls; `null` where no program ran or no call was priced. */
export function overheadPicture(analysed: AnalysedRun, id: string): Picture | null {
  const spec = overheadCurve(analysed, id);
  if (spec === null) return null;
  const told =
    spec.points.length === 0
      ? `Lines: ${spec.lines.map(({ label }) => label).join('; ')}`
      : spec.points.map(({ label, words }) => `${label.replace(/, \w+$/, '')}: ${words}`).join('; ');
  return pictureOf('price', spec, { sentence: sentence(told), numbers: numbersOf(spec) });
}
