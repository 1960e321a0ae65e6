import { FINDING_WORDS } from '../plain-report.js';
import { VERDICT_WORDS } from '../words/run.js';

/** What is known of a report from its summary.json, which may be of another version, or changed by hand. */
export interface IndexEntry {
  /** Name of its folder. */
  readonly folder: string;
  readonly title: string;
  /** ISO 8601, UTC, of its newest run; empty where it is not known. */
  readonly startedAt: string;
  /** What was measured where, in a few words. */
  readonly about: string;
  readonly outcomes: readonly Outcome[];
}

/** One verdict of a report. */
export interface Outcome {
  readonly verdict: keyof typeof VERDICT_WORDS | 'none';
  /** The verdict in words. */
  readonly words: string;
  readonly sentence: string;
  readonly change: Change | null;
  /** Outcomes with the same key are of the same comparison: they make one series. */
  readonly series: string;
}

/** A change in percent with its 95 % interval. */
export interface Change {
  readonly percent: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The entry of a report's folder. Of a summary that says nothing the entry has a name and no outcome. */
export function entryOf(folder: string, summary: unknown): IndexEntry {
  const top = recordOf(summary);
  if (Array.isArray(top['runs'])) return entryOfRuns(folder, recordsIn(top, 'runs'));
  const kind = textIn(top, 'kind');
  if (kind === 'percall') return entryOfCalls(folder, top);
  if (kind === 'advise') return { ...bare(folder), about: 'advice', title: textIn(top, 'profile') || folder };
  if (kind === 'capacity')
    return {
      ...bare(folder),
      about: 'memory of a filter',
      title: textIn(top, 'filter') || folder,
      startedAt: textIn(top, 'startedAt'),
    };
  if (kind === 'history') return { ...bare(folder), about: 'from commit to commit', title: 'History' };
  if (kind === 'attach') return { ...bare(folder), about: 'attaching a filter', title: textIn(top, 'name') || folder };
  return bare(folder);
}

const bare = (folder: string): IndexEntry => ({ folder, title: folder, startedAt: '', about: '', outcomes: [] });

function entryOfRuns(folder: string, runs: readonly Fields[]): IndexEntry {
  const [first = {}] = runs;
  return {
    folder,
    title: runs.length === 1 ? textIn(first, 'title') || folder : `${runs.length} runs together`,
    startedAt: runs.map((run) => textIn(run, 'startedAt')).reduce((last, one) => (one > last ? one : last), ''),
    about: [...new Set(runs.map(aboutOf))].slice(0, 3).join('; '),
    outcomes: runs.flatMap((run) => recordsIn(run, 'verdicts').map((verdict) => outcomeOf(run, verdict))),
  };
}

const aboutOf = (run: Fields): string =>
  ['engine', 'scenario', 'machine']
    .map((key) => textIn(run, key))
    .filter((text) => text !== '')
    .join(', ');

function outcomeOf(run: Fields, told: Fields): Outcome {
  const [arm, baseline] = [textIn(told, 'arm'), textIn(told, 'baseline')];
  const verdict = verdictIn(told);
  return {
    verdict,
    words: verdict === 'none' ? '' : VERDICT_WORDS[verdict],
    sentence: textIn(told, 'text') || `${arm} against ${baseline}`,
    change: changeOf(run, arm, baseline),
    series: ['scenario', 'machine', 'cpuModel', 'engine']
      .map((key) => textIn(run, key))
      .concat(arm, baseline)
      .join('\n'),
  };
}

function verdictIn(told: Fields): Outcome['verdict'] {
  const verdict = textIn(told, 'verdict');
  return Object.hasOwn(VERDICT_WORDS, verdict) ? (verdict as keyof typeof VERDICT_WORDS) : 'none';
}

/** Of CPU time; of wall time where no CPU time was recorded. */
function changeOf(run: Fields, arm: string, baseline: string): Change | null {
  const own = recordsIn(run, 'comparisons').filter(
    (one) => textIn(one, 'arm') === arm && textIn(one, 'baseline') === baseline,
  );
  for (const metric of ['cpu', 'wall']) {
    const effect = recordOf(own.find((one) => textIn(one, 'metric') === metric)?.['effect']);
    const percent = numberIn(effect, 'percent');
    if (percent !== null)
      return { percent, low: numberIn(effect, 'percentLow'), high: numberIn(effect, 'percentHigh') };
  }
  return null;
}

const FINDING_VERDICTS = { holds: 'faster', fails: 'slower', open: 'inconclusive' } as const;

function entryOfCalls(folder: string, summary: Fields): IndexEntry {
  const outcomes = recordsIn(summary, 'findings').flatMap((finding): readonly Outcome[] => {
    const state = textIn(finding, 'state');
    if (!Object.hasOwn(FINDING_WORDS, state)) return [];
    const known = state as keyof typeof FINDING_WORDS;
    const common = { sentence: textIn(finding, 'sentence'), change: null, series: '' };
    return [{ ...common, verdict: FINDING_VERDICTS[known], words: FINDING_WORDS[known] }];
  });
  return {
    folder,
    title: textIn(summary, 'name') || folder,
    startedAt: textIn(summary, 'startedAt'),
    about: 'price per call',
    outcomes,
  };
}

type Fields = Readonly<Record<string, unknown>>;

const recordOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const recordsIn = (fields: Fields, key: string): readonly Fields[] => {
  const value = fields[key];
  return Array.isArray(value) ? value.map(recordOf) : [];
};

const textIn = (fields: Fields, key: string): string => {
  const value = fields[key];
  return typeof value === 'string' ? value : '';
};

const numberIn = (fields: Fields, key: string): number | null => {
  const value = fields[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};
