import { basename } from 'node:path';
import type { Command } from 'commander';
import { unconfinedFirst } from '../../model/run/arms.js';
import { WORKLOAD_DEFAULTS } from '../../model/run/limits.js';
import type { Act } from '../act.js';
import type { MeasuringPlan } from '../measure.js';
import { declareArms, parseArms } from '../options/arms.js';
import type { RawArms } from '../options/arms.js';
import { declareProfile, parseProfile } from '../options/conversion.js';
import type { RawProfile } from '../options/conversion.js';
import { declareFindings, parseFindings } from '../options/findings.js';
import type { RawFindings } from '../options/findings.js';
import { declareMeasuring, parseMeasuring } from '../options/measuring.js';
import type { RawMeasuring } from '../options/measuring.js';
import { finish } from '../options/option.js';
import { declareProgram, parseProgram } from '../options/program.js';
import type { RawProgram } from '../options/program.js';
import { declareBlocks, declareRhythm, parseBlocks, parseRhythm } from '../options/scenario.js';
import type { RawBlocks, RawRhythm } from '../options/scenario.js';

export type RawWorkload = RawMeasuring & RawBlocks & RawRhythm & RawArms & RawProfile & RawFindings & RawProgram;

/** `bench workload`: any command in a container under each arm. */
export function declareWorkload(cli: Command, act: Act): void {
  const command = cli
    .command('workload')
    .summary('run a command in a container under each filter')
    .description(
      'run any command in a container under each arm; show what the filter costs it and which system calls explain ' +
        'the cost',
    )
    .argument('[command...]', 'command and arguments, after --');
  declareBlocks(command, { preset: String(WORKLOAD_DEFAULTS.count) });
  declareProfile(declareArms(command, WORKLOAD_DEFAULTS.arms.join(',')));
  declareProgram(command);
  declareMeasuring(command);
  declareFindings(command);
  declareRhythm(command);
  finish(command, [
    'bench workload --bind-host -- python3 -c "print(1)"',
    'bench workload --rootfs ./rootfs --profile mine.json -- /bin/server --test',
  ]).action((words: readonly string[], raw: RawWorkload) =>
    act(async (io) => {
      const plan = await workloadPlan(words, raw);
      const { measure } = await import('../measure.js');
      return measure(plan, io);
    }),
  );
}

async function workloadPlan(words: readonly string[], raw: RawWorkload): Promise<MeasuringPlan> {
  const options = parseMeasuring(raw);
  const findings = parseFindings(raw, raw);
  const program = await parseProgram(words, raw);
  const count = parseBlocks(raw, options.stopping) ?? WORKLOAD_DEFAULTS.count;
  const shape = {
    count,
    arms: parseArms({ ...raw, arms: unconfinedFirst(raw.arms.split(',').map((name) => name.trim())).join(',') }),
    ...parseProfile(raw),
    warmup: WORKLOAD_DEFAULTS.warmup,
    ...parseRhythm(raw),
  };
  const { makeScenario } = await import('../../scenario/index.js');
  const base = makeScenario({ kind: 'sequential', ...shape });
  return {
    kind: 'run',
    options,
    findings,
    scenario: { ...base, name: scenarioName(program.args[0] ?? '', count), program },
  };
}

/** Part of a folder's name. */
const scenarioName = (program: string, count: number): string =>
  `workload-${basename(program)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 40)}-${count}`;
