import type { AnalysedRun, StageComparison } from '../../model/analysis/analysis.js';
import { unitOf } from '../../model/run/scenario.js';
import { barAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { PartsSpec } from '../charts/spec.js';
import { stagesRows } from '../run/stages.js';
import { left, right } from '../run/tables.js';
import { formatTime, threeDigits } from '../text/format.js';
import { runTitle } from '../words/run.js';
import { stagesSentence } from '../words/stages.js';

const PARTS = ['convert the profile', 'serialise', 'build the filter', 'load it'] as const;

/** The stages of every compared arm, and the same work in one process; none where nothing of it was recorded. */
export function wherePictures(analysed: AnalysedRun, prefix: string): readonly Picture[] {
  const stages = analysed.analysis.stages.map((comparison, index) => {
    const spec = stagesRows(analysed, comparison, `${prefix}stages${index === 0 ? '' : `-${index + 1}`}`);
    return pictureOf('where', spec, {
      sentence: stagesSentence(comparison, unitOf(analysed.run.plan.scenario)),
      numbers: numbersOf(spec),
    });
  });
  const parts = partsOf(analysed, `${prefix}parts`);
  if (parts === null) return stages;
  const picture = pictureOf('where', parts, {
    sentence: partsSentence(parts, analysed.analysis.stages),
    numbers: {
      title: parts.title,
      columns: [left('Arm'), ...PARTS.map((part) => right(`${part}, ms`)), right('Sum')],
      rows: parts.rows.map(({ label, text, values }) => [label, ...values.map(threeDigits), text]),
    },
  });
  return [...stages, picture];
}

function partsOf(analysed: AnalysedRun, id: string): PartsSpec | null {
  const rows = analysed.run.evidence.flatMap(({ arm, inProcess }) => {
    if (inProcess === undefined || inProcess.buildNs === null || inProcess.loadNs === null) return [];
    const { convertNs, serialiseNs, buildNs, loadNs } = inProcess;
    const values = [convertNs, serialiseNs, buildNs, loadNs].map((ns) => ns / 1e6);
    const all = convertNs + serialiseNs + buildNs + loadNs;
    return [
      { label: arm, text: `${formatTime(all)}, ${Math.round((100 * (buildNs + loadNs)) / all)} % filter`, values },
    ];
  });
  if (rows.length === 0) return null;
  return {
    kind: 'parts',
    id,
    title: `${runTitle(analysed)}: the same work in one process`,
    subtitle: "Medians of 15 calls in bench's own process, before the containers. Filter: build and load.",
    axisTitle: 'ms',
    axis: barAxis(rows.map(({ values }) => values.reduce((sum, value) => sum + value, 0))),
    parts: PARTS,
    rows,
  };
}

/** The largest part of all, and how much of a seen difference this work explains. */
function partsSentence({ rows }: PartsSpec, stages: readonly StageComparison[]): string {
  const all = rows.flatMap(({ label, values }) => values.map((value, part) => ({ label, value, part })));
  const largest = all.reduce((a, b) => (b.value > a.value ? b : a));
  const [explained] = stages.flatMap(({ arm, explained: own }) => (own === null ? [] : [{ arm, share: own.share }]));
  return `The largest part is to ${PARTS[largest.part] ?? ''}: ${formatTime(largest.value * 1e6)} for ${largest.label}${
    explained === undefined
      ? ''
      : `; this work explains ${Math.round(100 * explained.share)} % of the difference of ${explained.arm}`
  }.`;
}
