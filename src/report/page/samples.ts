import { plainLine } from '../../model/plain-text.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { OkSample, Sample } from '../../model/results/sample.js';
import { MEASURED, OTHER, samplesOf, SampleTable, type SampleSet } from '../../model/results/sample-table.js';
import { counted, formatCount } from '../text/format.js';
import type { ArmSamples, RunSamples } from './data.js';
import { html, type Html } from './markup.js';
import type { Outline } from './outline.js';
import { sectionHtml, type Level } from './section.js';

/** Containers whose times a page carries at most, those of all its runs together. */
const MOST_SAMPLES = 100_000;

/** Samples of a run in a page, and how many there are. */
export interface EmbeddedSamples extends RunSamples {
  /** One block of so many is in the page; 1: all. */
  readonly every: number;
  /** Measured containers with times, in the page or not. */
  readonly total: number;
  readonly kept: number;
}

/**
 * The times of the measured containers of every run, as a page carries them. Where there are more than `most`, whole
 * blocks are left out, evenly: the first of every `n` stays.
 */
export function embeddedSamples(runs: readonly AnalysedRun[], most = MOST_SAMPLES): readonly EmbeddedSamples[] {
  const totals = runs.map(({ run }) => countTimed(samplesOf(run)));
  const total = totals.reduce((sum, one) => sum + one, 0);
  const every = Math.max(1, Math.ceil(total / most));
  return runs.map((analysed, index) => {
    const kept = timedIn(samplesOf(analysed.run), every);
    const arms = analysed.analysis.arms.map(({ arm, cpu }) =>
      columnsOf(
        arm,
        kept.filter((sample) => sample.arm === arm),
        cpu !== null,
      ),
    );
    return { run: plainLine(analysed.run.name), every, total: totals[index] ?? 0, kept: kept.length, arms };
  });
}

const isTimed = (sample: Sample): sample is OkSample =>
  sample.kind === 'container' && sample.state === 'ok' && !sample.warmup;

function countTimed(samples: SampleSet): number {
  if (!(samples instanceof SampleTable)) return samples.filter(isTimed).length;
  let count = [...samples.others.values()].filter(isTimed).length;
  for (let row = 0; row < samples.length; row++) if (samples.kind[row] === MEASURED) count++;
  return count;
}

/** Of one block of every so many. */
function timedIn(samples: SampleSet, every: number): readonly OkSample[] {
  const kept: OkSample[] = [];
  const add = (sample: Sample): void => {
    if (isTimed(sample) && sample.block % every === 0) kept.push(sample);
  };
  if (samples instanceof SampleTable) addRows(samples, every, add);
  else samples.forEach(add);
  return kept;
}

/** Makes objects only of rows that can be kept. */
function addRows(table: SampleTable, every: number, add: (sample: Sample) => void): void {
  for (let row = 0; row < table.length; row++) {
    const isKept = table.kind[row] === MEASURED && (table.block[row] ?? 0) % every === 0;
    if (isKept || table.kind[row] === OTHER) add(table.sampleAt(row));
  }
}

const microseconds = (nanoseconds: number): number => Math.round(nanoseconds / 1000);

const columnsOf = (arm: string, samples: readonly OkSample[], hasCpu: boolean): ArmSamples => ({
  arm: plainLine(arm),
  block: samples.map(({ block }) => block),
  wall: samples.map(({ wallNs }) => microseconds(wallNs)),
  ...(hasCpu ? { cpu: samples.map(({ userNs, systemNs }) => microseconds(userNs + systemNs)) } : {}),
});

/** Says what samples the page carries. Its script adds buttons that copy and save them. */
export function samplesSection(samples: EmbeddedSamples, index: number, outline: Outline, level: Level): Html {
  const { every, total, kept } = samples;
  const held =
    every === 1
      ? `This page holds the times of all ${counted(total, 'measured container')}, in microseconds.`
      : `This page holds the times of ${formatCount(kept)} of ${counted(total, 'measured container')}, in \
microseconds: one block of every ${every}. The results folder has all.`;
  return sectionHtml(
    'Samples',
    html`<p data-samples="${index}">${held} Warm-up and failed containers are not among them.</p>`,
    outline,
    level,
  );
}
