import { BenchError } from '../../errors.js';
import { EMULATION_VARIABLE, emulationOf, hostFilesUnder } from '../../host/index.js';
import { EMULATION_WORDS } from '../../model/run/emulation.js';
import type { Io } from '../../model/io.js';
import type { PlanRow } from '../../model/run/planned.js';
import type { OkSample, Sample } from '../../model/results/sample.js';
import { blocksOf, FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import { loadScenario, makeScenario } from '../../scenario/index.js';
import { proveAndRecord } from '../old-entry.js';
import { percentOption, wholeOption } from '../options/values.js';
import { packageRoot } from '../../host/package-root.js';
import { hostMachine } from '../../experiment/session/session.js';
import type { MeasureOptions } from '../options/settings.js';

export interface PlanOptions extends MeasureOptions {
  /** `sequential`, `parallel`, or a scenario's name or path. */
  readonly scenario: string;
  /** Percent. */
  readonly detect: string;
  /** Blocks of the pilot. */
  readonly pilot: string;
}

/** `bench plan`: measures a pilot and says what seeing the effect takes. */
export async function run(options: PlanOptions, io: Io): Promise<number> {
  const effect = percentOption('--detect', options.detect, 'For example --detect 0.58%.');
  refuseEmulation(io);
  const scenario =
    options.scenario === 'sequential' || options.scenario === 'parallel'
      ? makeScenario({ kind: options.scenario })
      : loadScenario(options.scenario, { cwd: io.cwd, packageRoot: packageRoot() });
  if (scenario.kind === 'parallel' && scenario.levels !== undefined) {
    throw new BenchError(
      'usage',
      `Expected a scenario of one concurrency, got ${scenario.name}, which sweeps over ${scenario.levels.join(', ')}`,
      { hint: 'bench plan parallel' },
    );
  }
  const { writer, failed } = await proveAndRecord(
    pilotOf(
      scenario,
      wholeOption('--pilot', options.pilot, FEWEST_FOR_VERDICT, 'Fewer blocks say too little of the noise.'),
    ),
    options,
    io,
  );
  if (io.signal.aborted) throw new BenchError('interrupted', `stopped; what the pilot measured is in ${writer.path}`);

  const { analyseResult } = await import('./report.js');
  const { planRun } = await import('../../statistics/index.js');
  const { run: result, analysis } = analyseResult(writer.path, options.margin);
  const parallel = scenario.kind === 'parallel';
  const rows = planRun(analysis, {
    effect,
    blocks: blocksOf(scenario),
    secondsPerBlock: secondsPerBlock(result.samples, analysis.blocksComplete),
    parallel,
  });
  io.out(
    `${rows
      .filter(({ metric }) => metric === 'cpu' || metric === 'wall')
      .map((row) => rowText(row, parallel))
      .join('\n')}${advice(rows, options, parallel)}`,
  );
  return failed > 0 ? 1 : 0;
}

/** Before the pilot: an emulator's noise says nothing of another machine's. */
function refuseEmulation(io: Io): void {
  const emulation = emulationOf(hostFilesUnder('/'), hostMachine(), io.env[EMULATION_VARIABLE]);
  if (emulation === null) return;
  throw new BenchError(
    'environment',
    `Expected a real machine to plan by, got an emulated one (${EMULATION_WORDS[emulation.kind]}; ${emulation.sign})`,
    { hint: "An emulator's noise says nothing of a processor's: plan on the machine that is to be measured." },
  );
}

function pilotOf(scenario: Scenario, blocks: number): Scenario {
  const name = `pilot-${scenario.name}`;
  return scenario.kind === 'sequential' ? { ...scenario, name, count: blocks } : { ...scenario, name, rounds: blocks };
}

/** From the first measured start to the last end, shared out. */
function secondsPerBlock(samples: readonly Sample[], blocks: number): number {
  const ok = samples
    .filter((sample) => sample.kind === 'container')
    .filter((sample) => sample.state === 'ok' && !sample.warmup) as readonly OkSample[];
  const ends = ok.map((sample) => sample.startNs + sample.wallNs);
  const [first] = ok;
  return first === undefined || blocks === 0
    ? 0
    : (ends.reduce((most, end) => Math.max(most, end), 0) - first.startNs) / blocks / 1e9;
}

function rowText(row: PlanRow, parallel: boolean): string {
  const unit = parallel ? 'batches' : 'blocks';
  const count = (value: number): string => value.toLocaleString('en-US');
  // Fewer are never judged, however large the effect.
  const atLeast = (value: number): string => count(Math.max(FEWEST_FOR_VERDICT, value));
  return [
    `${row.arm}, ${row.metric === 'cpu' ? 'CPU' : parallel ? 'makespan' : 'wall'}: to see ${percent(row.effect)} (pilot of ${row.pilotBlocks})`,
    ...row.counts.map(
      ({ power, blocks, cautious, seconds, cautiousSeconds }) =>
        `  ${100 * power} % power: ${atLeast(blocks)} ${unit} (${duration(seconds)}); where the noise moves as it was seen to, ${atLeast(cautious)} (${duration(cautiousSeconds)})`,
    ),
    `  ${count(row.blocks)} ${unit}, the scenario's own, see ${percent(row.detectable80)} with 80 % power and ${percent(row.detectable90)} with 90 %`,
    '',
  ].join('\n');
}

/** The command that keeps the promise whatever the pilot said: it re-plans from its own spread. */
function advice(rows: readonly PlanRow[], { scenario }: PlanOptions, parallel: boolean): string {
  const planned = rows.find(({ metric }) => metric === 'cpu')?.counts.find(({ power }) => power === 0.8);
  if (planned === undefined) return '';
  const named = scenario === 'sequential' || scenario === 'parallel';
  const until = `--until ±${(100 * planned.halfWidth).toFixed(2)}%`;
  const command = named
    ? `bench ${scenario} ${parallel ? '--rounds' : '--count'} ${planned.most} ${until}`
    : `bench run ${scenario} ${until}`;
  return `\nA pilot misleads (its noise is not the run's). This run ends by its own interval and keeps the promise of 80 % for CPU time:\n  ${command}\n`;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
