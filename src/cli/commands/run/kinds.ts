import type { Command } from 'commander';
import { conflict } from '../../../errors.js';
import type { Io } from '../../../model/io.js';
import { LIMITS } from '../../../model/run/limits.js';
import type { ScenarioFile } from '../../../scenario/index.js';
import { parseConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { parseExports } from '../../options/exports.js';
import type { RawMeasuring } from '../../options/measuring.js';
import { parseJson, parseOutput, parseReportFolder } from '../../options/output.js';
import { wholeOrNone } from '../../options/values.js';
import { parseAttachSeed } from '../attach/index.js';
import { parsePercallSettings } from '../percall/index.js';

/** Options that some of these kinds take, too. */
type RawOptions = RawMeasuring & { readonly blocks?: string };

/** A scenario file of a kind that has a command of its own. */
export type OwnKind = Exclude<ScenarioFile, { readonly kind: 'starts' }>;
type Of<Kind extends OwnKind['kind']> = Extract<OwnKind, { readonly kind: Kind }>;

/**
 * Measures what the command of that kind measures. Gives the exit code. Throws `usage` for an option that this command
 * does not have.
 */
export async function runOwnKind(
  own: OwnKind,
  raw: RawOptions,
  { command, io }: { readonly command: Command; readonly io: Io },
): Promise<number> {
  refuseOptions(own, command);
  if (own.kind === 'percall') return runPercall(own, raw, io);
  return own.kind === 'attach' ? runAttach(own, raw, io) : runCapacity(own, raw, io);
}

/** Options that change nothing where nothing is told on the way. */
const ALWAYS = ['quiet'];

function refuseOptions({ kind, scenario }: OwnKind, command: Command): void {
  const own = command.parent?.commands.find((one) => one.name() === kind);
  const taken = new Set([...ALWAYS, ...(own?.options ?? []).map((one) => one.attributeName())]);
  const given = command.options.find(
    (one) => command.getOptionValueSource(one.attributeName()) === 'cli' && !taken.has(one.attributeName()),
  );
  if (given === undefined) return;
  throw conflict(given.long ?? given.flags, `scenario ${scenario.name}`, {
    hint: `It is of kind ${kind}: it takes the options that bench ${kind} has.`,
  });
}

async function runPercall({ scenario, file }: Of<'percall'>, raw: RawOptions, io: Io): Promise<number> {
  const settings = parsePercallSettings(raw);
  const blocks = wholeOrNone('--blocks', raw.blocks, LIMITS.count) ?? scenario.blocks;
  const { percall } = await import('../percall/percall.js');
  return percall({ scenario: { ...scenario, blocks }, ...settings, inputs: [file] }, io);
}

async function runAttach(own: Of<'attach'>, raw: RawOptions, io: Io): Promise<number> {
  const { name, title, profile, dialect, rounds, switchJit, sampleJit } = own.scenario;
  const seed = parseAttachSeed(raw);
  const options = {
    request: {
      ...(profile === undefined ? {} : { profile }),
      ...makingOf(own, raw),
      ...(seed === undefined ? {} : { seed }),
      dialect,
      rounds,
      switchJit,
      sampleJit,
    },
    named: { name, ...(title === undefined ? {} : { title }) },
    reportsFolder: parseReportFolder(raw),
    json: parseJson(raw),
  };
  const { attach } = await import('../attach/attach.js');
  await attach(options, io);
  return 0;
}

async function runCapacity(own: Of<'capacity'>, raw: RawOptions, io: Io): Promise<number> {
  const { scenario, file } = own;
  const options = { output: parseOutput(raw), exports: parseExports(raw), inputs: [file] };
  const { capacity } = await import('../capacity/capacity.js');
  return capacity({ scenario, making: makingOf(own, raw), ...options }, io);
}

/** How the filter that a file asks for is made. */
function makingOf({ scenario, filter: { policy, form } }: Of<'attach' | 'capacity'>, raw: RawConversion) {
  return {
    conversion: parseConversion(raw),
    policy,
    ...(form === undefined ? {} : { form }),
    formAskedBy: `form of scenario ${scenario.name}`,
  };
}
