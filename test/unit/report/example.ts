import { resolve } from 'node:path';
import type { AnalysedRun } from '../../../src/model/analysis/analysis.js';
import type { Sample } from '../../../src/model/results/sample.js';
import { readResultFolder } from '../../../src/results/index.js';
import { analyse } from '../../../src/statistics/index.js';

const run = readResultFolder(resolve(import.meta.dirname, '../../../results/example-x86_64-runc'));

/** The recorded example, analysed: 100 blocks of before, after and control, with 4 to warm up. */
export const EXAMPLE: AnalysedRun = { run, analysis: analyse(run, { margin: 0.01 }) };

/** Splits a container's time into create, start and exit. */
const staged = (sample: Sample): Sample =>
  sample.kind === 'container' && sample.state === 'ok'
    ? {
        ...sample,
        stagesNs: { create: Math.round(0.6 * sample.wallNs), start: sample.wallNs - Math.round(0.6 * sample.wallNs) },
      }
    : sample;

const stagedRun = {
  ...run,
  name: 'staged',
  samples: run.samples.map(staged),
  evidence: run.evidence.map((one) => ({
    ...one,
    inProcess: {
      convertNs: 0.4e6,
      serialiseNs: 0.1e6,
      buildNs: one.arm === 'after' ? 4e6 : 40e6,
      loadNs: one.arm === 'after' ? 0.5e6 : 2e6,
    },
  })),
};

/** The same with stages, and the times of the same work in one process. */
export const STAGED: AnalysedRun = { run: stagedRun, analysis: analyse(stagedRun, { margin: 0.01 }) };
