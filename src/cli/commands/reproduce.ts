import { BenchError } from '../../errors.js';
import type { AnalysedRun, Estimate } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import type { Io } from '../../model/io.js';
import type { Scenario } from '../../model/run/scenario.js';
import { instructionsShort } from '../../report/run/evidence.js';
import { engineWords } from '../../report/text/words.js';
import {
  chartArchitecture,
  PUBLISHED_CASES,
  PUBLISHED_SOURCE,
  publishedCaveats,
  publishedPercent,
  type PublishedCase,
} from '../../report/run/published.js';
import { loadScenario } from '../../scenario/index.js';
import { exportRuns, planExports } from '../output/exports.js';
import { announceGate } from '../output/gate.js';
import { proveAndRecord } from '../old-entry.js';
import { wholeOption } from '../options/values.js';
import { packageRoot } from '../../host/package-root.js';
import { hostMachine } from '../../experiment/session/session.js';
import type { MeasureOptions } from '../options/settings.js';

export interface ReproduceOptions extends MeasureOptions {
  /** Which document; `isulad-2021` is the only one. */
  readonly document: string;
  /** Blocks of the sequential case; absent: as published. */
  readonly count?: string;
  /** Batches per arm of the parallel case. */
  readonly rounds?: string;
}

/**
 * `bench reproduce isulad-2021`: runs the published cases this host can run and holds each figure against what was
 * measured.
 */
export async function run(options: ReproduceOptions, io: Io): Promise<number> {
  if (options.document !== 'isulad-2021') {
    throw new BenchError('usage', `Expected the document isulad-2021, got "${options.document}"`, {
      hint: 'bench reproduce isulad-2021',
    });
  }
  const architecture = chartArchitecture(hostMachine());
  const own = PUBLISHED_CASES.filter((published) => published.architecture === architecture);
  const exports = planExports(options, io);
  const paths: string[] = [];
  let failed = 0;
  for (const published of own) {
    io.err(`\ncase ${published.id}\n`);
    const recording = await proveAndRecord(sized(scenarioOf(published, io), options), options, io);
    failed += recording.failed;
    paths.push(recording.writer.path);
    if (io.signal.aborted) throw new BenchError('interrupted', `stopped; what was measured is in ${paths.join(', ')}`);
  }
  const { makeReport } = await import('./report.js');
  const { dir, runs } = await makeReport(paths, options, io);
  exportRuns(exports, runs, io);
  const { out } = exports.io;
  out(`${PUBLISHED_SOURCE}\n`);
  for (const [index, published] of own.entries()) out(caseText(published, runs[index]));
  for (const other of PUBLISHED_CASES.filter((published) => !own.includes(published))) {
    out(`\n${other.id}: ${publishedText(other)}\n  not run: it needs an ${other.architecture} host\n`);
  }
  out(`\nReport: ${dir}/index.html\n`);
  const exitCode = announceGate(runs, options, io);
  return failed > 0 ? 1 : exitCode;
}

function scenarioOf(published: PublishedCase, io: Io): Scenario {
  return loadScenario(`isulad-${published.id}-${published.containers}`, { cwd: io.cwd, packageRoot: packageRoot() });
}

/** The published case with fewer blocks or batches where that is asked for; the size of a batch stays. */
function sized(scenario: Scenario, { count, rounds }: ReproduceOptions): Scenario {
  if (scenario.kind === 'sequential')
    return count === undefined ? scenario : { ...scenario, count: blocksOption('--count', count) };
  return rounds === undefined ? scenario : { ...scenario, rounds: blocksOption('--rounds', rounds) };
}

const blocksOption = (option: string, text: string): number =>
  wholeOption(option, text, 1, `For example ${option} 100.`);

const publishedText = (published: PublishedCase): string =>
  `published ${published.beforeSeconds.toFixed(3)} s -> ${published.afterSeconds.toFixed(3)} s (${publishedPercent(published).toFixed(2)} %) for ${published.containers} containers`;

function caseText(published: PublishedCase, analysed: AnalysedRun | undefined): string {
  const lines = [`\n${published.id}: ${publishedText(published)}`];
  const estimate =
    analysed?.analysis.comparisons.find(({ arm, metric }) => arm === 'after' && metric === 'wall')?.estimate ?? null;
  if (analysed === undefined || estimate === null)
    return `${[...lines, '  not measured: no complete block'].join('\n')}\n`;
  const { logRatio } = estimate;
  lines.push(
    `  measured  ${seconds(analysed, 'before')} -> ${seconds(analysed, 'after')}; after/before ${percent(logRatio)} ${intervalText(estimate)}, ${estimate.blocks} blocks`,
    `  ${emulationOfHost(analysed.run.host) === null ? holdAgainst(published, estimate) : 'NOT HELD AGAINST IT: this run was emulated, so its times mean nothing'}`,
    ...mechanism(analysed).map((line) => `  ${line}`),
    ...publishedCaveats(published).map((line) => `  ${line}`),
  );
  return `${lines.join('\n')}\n`;
}

/**
 * Inside: the interval holds the published change and not zero. Outside: it does not hold it. Not resolvable: it holds
 * both.
 */
export function holdAgainst(published: PublishedCase, { low, high }: Pick<Estimate, 'low' | 'high'>): string {
  const said = Math.log1p(publishedPercent(published) / 100);
  if (said < low || said > high) return "OUTSIDE: the published change is not in this run's interval";
  if (low < 0 && high > 0)
    return 'NOT RESOLVABLE WITH THIS RUN: the interval holds the published change, and none as well';
  return 'INSIDE: the interval holds the published change';
}

/** What shrinks with this engine, and what did with the published one. */
function mechanism({ run: { evidence, plan } }: AnalysedRun): readonly string[] {
  const [before, after] = ['before', 'after'].map((name) => evidence.find(({ arm }) => arm === name));
  if (before === undefined || after === undefined) return [];
  const file =
    before.written === undefined || after.written === undefined
      ? `the seccomp object in config.json ${before.specBytes} -> ${after.specBytes} bytes`
      : `the seccomp file written at every start ${before.written.bytes} -> ${after.written.bytes} bytes, ${before.written.sections} -> ${after.written.sections} sections`;
  return [
    `mechanism here (${engineWords(plan.engine)}): ${file}, the filter loaded ${instructionsShort(before)} -> ${instructionsShort(after)} instructions; libseccomp builds that anew at every start`,
    'mechanism there (iSulad with lcr): the rules are written once per architecture into an LXC seccomp file, whose foreign sections LXC reads and skips: the file shrinks, the loaded filter does not',
  ];
}

function seconds({ analysis }: AnalysedRun, arm: string): string {
  const total = analysis.arms.find((summary) => summary.arm === arm)?.totalSeconds ?? null;
  return total === null ? '?' : `${total.toFixed(3)} s`;
}

const intervalText = ({ low, high }: Estimate): string =>
  Number.isFinite(low) && Number.isFinite(high)
    ? `[${percent(low)}, ${percent(high)}]`
    : '(too few blocks for a 95 % interval)';

const percent = (logRatio: number): string => `${(100 * Math.expm1(logRatio)).toFixed(2)} %`;
