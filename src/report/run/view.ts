import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { NodeReport } from '../../model/host/fleet.js';
import { countedThing } from '../../model/run/scenario.js';
import type { Sweep } from '../../model/analysis/throughput.js';
import type { Picture } from '../charts/picture.js';
import type { Placed } from '../charts/spec.js';
import { breaksTable, resumedWords } from '../breaks.js';
import { callTables } from '../calls/calls.js';
import { counted } from '../text/format.js';
import { fleetTable } from '../fleet.js';
import { publishedCaveats, publishedFor } from './published.js';
import { diagnosticsTable, exactTable, resolutionTable, stoppingTable } from './findings.js';
import { failuresTable, ledgerTable } from './ledger.js';
import { placedIn } from '../pictures/arms.js';
import { changePicture } from '../pictures/change.js';
import { picturesOf } from '../pictures/of-run.js';
import { sweepPictures } from '../pictures/sweep.js';
import { execsTable } from '../execs/table.js';
import { inProcessTable, stagesTable } from './stages.js';
import { notesTable } from './notes.js';
import { hostTable } from './host-table.js';
import { armsTable, effectsTable, evidenceTable, publishedTable } from './tables.js';
import type { Table } from './tables.js';
import { headlinesOf } from './headlines.js';
import type { Headline } from './headlines.js';
import { armsInWords, progressWords, runSubtitle, runTitle } from '../words/run.js';
import { sweepTable, throughputTable } from './throughput.js';
import { workloadRemarks, workloadTables } from '../workload/workload.js';
import { detectableText, stoppingSentence } from '../words/diagnostics.js';
import { execSentences } from '../execs/words.js';
import { timePlanSentence } from '../words/plan/time-plan.js';
import { warningsOf } from '../words/warnings.js';

/**
 * A report of more runs than this tells of each run its verdicts and its comparisons alone: pictures and tables of
 * hundreds of runs would make a page that no browser opens.
 */
const MOST_WHOLE_RUNS = 24;

/** A run as every report shows it: texts, tables and charts. */
export interface RunView {
  /** The folder's name made safe for file names, unique in its report. */
  readonly slug: string;
  readonly title: string;
  readonly subtitle: string;
  /** How much of the plan is in the figures. */
  readonly completeness: string;
  readonly headlines: readonly Headline[];
  /** What each arm is. */
  readonly arms: string;
  /** What ended the run and what it could detect. */
  readonly remarks: readonly string[];
  readonly warnings: readonly string[];
  readonly caveats: readonly string[];
  /** One or more per question that the run answers, in the order of the questions. */
  readonly pictures: readonly Picture[];
  readonly tables: readonly Table[];
  readonly host: Table;
}

/** A whole report. */
export interface ReportView {
  readonly title: string;
  readonly runs: readonly RunView[];
  /** All runs in one chart; `null` in a report of one. */
  readonly overview: Picture | null;
  /** Runs that are levels of one sweep, together. */
  readonly sweeps: readonly SweepView[];
  /** The outcome of each node of a fleet; `null` where there is none. */
  readonly nodes: Table | null;
}

/** A sweep over concurrency. */
export interface SweepView {
  readonly table: Table;
  readonly pictures: readonly Picture[];
}

/** The view of one or several runs, in the order given. */
export function viewOf(
  runs: readonly AnalysedRun[],
  sweeps: readonly Sweep[] = [],
  nodes: readonly NodeReport[] = [],
): ReportView {
  const slugs = uniqueSlugs(runs.map(({ run }) => run.name));
  // In a report of one run the pictures have names that a document can link to; in one of several they carry the run's.
  const views = runs.map((analysed, index) => {
    const slug = slugs[index] ?? `run-${index}`;
    const whole = runView(analysed, slug, runs.length === 1 ? '' : `${slug}-`);
    return runs.length > MOST_WHOLE_RUNS ? shortView(whole, analysed) : whole;
  });
  const [first] = views;
  return {
    title: views.length === 1 && first !== undefined ? first.title : counted(views.length, 'run'),
    runs: views,
    nodes: nodes.length === 0 ? null : fleetTable(nodes),
    sweeps: sweeps.map((sweep, index) => ({
      table: sweepTable(sweep),
      pictures: sweepPictures(sweep, placedInSweep(runs, sweep), `sweep${index === 0 ? '' : `-${index + 1}`}`),
    })),
    overview: runs.length > 1 ? changePicture(runs, 'overview', 'All runs: change') : null,
  };
}

/** The colours of a sweep's arms: those of any of its levels. */
function placedInSweep(runs: readonly AnalysedRun[], sweep: Sweep): (arm: string) => Placed {
  const level = runs.find(({ run }) => run.plan.sweep?.id === sweep.id);
  return level === undefined ? () => ({ role: 'compared', place: 0 }) : placedIn(level);
}

function runView(analysed: AnalysedRun, slug: string, prefix: string): RunView {
  const { run, analysis } = analysed;
  const published = publishedFor(run.plan.scenario);
  const title = runTitle(analysed);
  return {
    slug,
    title,
    subtitle: runSubtitle(analysed),
    completeness: completenessOf(analysed),
    headlines: headlinesOf(analysed),
    arms: armsInWords(analysed),
    remarks: remarksOf(analysed),
    warnings: warningsOf(analysed),
    caveats: published === undefined ? [] : publishedCaveats(published),
    pictures: picturesOf(analysed, prefix, published),
    tables: [
      effectsTable(analysed),
      execsTable(analysed),
      ...workloadTables(analysed),
      stagesTable(analysed),
      inProcessTable(analysed),
      breaksTable(analysed),
      ledgerTable(analysed),
      failuresTable(analysed),
      armsTable(analysed),
      throughputTable(analysed),
      exactTable(analysed),
      ...callTables(analysis.calls),
      resolutionTable(analysed),
      stoppingTable(analysed),
      diagnosticsTable(analysed),
      evidenceTable(analysed),
      notesTable(run.evidence),
      publishedTable(analysed),
    ].filter((table) => table !== null),
    host: hostTable(analysed),
  };
}

/** The verdicts, comparisons and warnings of one run of very many. */
function shortView(whole: RunView, analysed: AnalysedRun): RunView {
  const more = `Pictures and more tables of this run: bench report ${analysed.run.name}.`;
  const tables = [effectsTable(analysed), ledgerTable(analysed), failuresTable(analysed)];
  return {
    ...whole,
    remarks: [...whole.remarks, more],
    pictures: [],
    tables: tables.filter((table) => table !== null),
  };
}

/** A rule that did not end the run is among the warnings. */
function remarksOf(analysed: AnalysedRun): readonly string[] {
  const { stopping, resolution } = analysed.analysis;
  const { scenario, timePlan } = analysed.run.plan;
  const detectable = detectableText(resolution, scenario.kind);
  return [
    ...execSentences(analysed),
    ...workloadRemarks(
      analysed,
      headlinesOf(analysed).map(({ answer }) => answer),
    ),
    ...(timePlan === undefined ? [] : [timePlanSentence(timePlan, countedThing(scenario))]),
    ...stopping.filter(({ state }) => state === 'reached').map((outcome) => stoppingSentence(outcome)),
    ...(detectable === null ? [] : [`${detectable}.`]),
  ];
}

function completenessOf(analysed: AnalysedRun): string {
  const { analysis } = analysed;
  const failed = analysis.arms.reduce((total, arm) => total + arm.failed, 0);
  const notRun = analysis.arms.reduce((total, arm) => total + arm.notRun, 0);
  const complete = `${progressWords(analysed)} complete`;
  const thing = countedThing(analysed.run.plan.scenario);
  return [
    complete,
    failed === 0 ? `no ${thing} failed` : `${counted(failed, thing)} failed`,
    ...(notRun === 0 ? [] : [`${counted(notRun, thing)} not run`]),
    ...resumedWords(analysed),
  ].join(', ');
}

/** Every picture of a report once, by its id (runs of one published case share that chart). */
export function picturesIn(report: ReportView): ReadonlyMap<string, Picture> {
  const all = [
    ...(report.overview === null ? [] : [report.overview]),
    ...report.sweeps.flatMap(({ pictures }) => pictures),
    ...report.runs.flatMap(({ pictures }) => pictures),
  ];
  return new Map(all.map((one) => [one.id, one] as const));
}

function uniqueSlugs(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const slug = name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._-]+/, '') || 'run';
    const times = (seen.get(slug) ?? 0) + 1;
    seen.set(slug, times);
    return times === 1 ? slug : `${slug}-${times}`;
  });
}
