import { basename } from 'node:path';
import type { Command } from 'commander';
import type { ArmDefinition } from '../../model/run/scenario.js';
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

/** Enough for a verdict where a run may take seconds. */
const DEFAULT_BLOCKS = 30;
const DEFAULT_WARMUP = 1;

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
  declareBlocks(command, { preset: String(DEFAULT_BLOCKS) });
  declareProfile(declareArms(command, 'unconfined,default'));
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
  const count = parseBlocks(raw, options.stopping) ?? DEFAULT_BLOCKS;
  const shape = {
    count,
    arms: unconfinedFirst(raw),
    ...parseProfile(raw),
    warmup: DEFAULT_WARMUP,
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

/** A filter's cost is relative to no filter: the first arm is the one that the others are compared with. */
function unconfinedFirst(raw: RawArms): readonly ArmDefinition[] {
  const names = raw.arms.split(',').map((name) => name.trim());
  const isFirst = (name: string): boolean => name === 'unconfined';
  const ordered = [...names.filter(isFirst), ...names.filter((name) => !isFirst(name))];
  return parseArms({ ...raw, arms: ordered.join(',') });
}

/** Part of a folder's name. */
const scenarioName = (program: string, count: number): string =>
  `workload-${basename(program)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 40)}-${count}`;
