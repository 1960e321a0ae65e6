import type { Command } from 'commander';
import { conflict, invalidValue } from '../../../errors.js';
import type { ArchitecturePolicy } from '../../../model/profile/seccomp.js';
import { LIMITS } from '../../../model/run/limits.js';
import type { Act } from '../../act.js';
import {
  declareConversion,
  declarePolicy,
  declareProfile,
  parseConversion,
  parseProfile,
} from '../../options/conversion.js';
import type { RawConversion, RawProfile } from '../../options/conversion.js';
import { declareEngine, parseEngine } from '../../options/engine.js';
import type { RawEngine } from '../../options/engine.js';
import { finish, option } from '../../options/option.js';
import { declareJson, declareQuiet, declareResults, parseJson, parseQuiet } from '../../options/output.js';
import type { RawJson, RawQuiet, RawResults } from '../../options/output.js';
import {
  declareMaxFailures,
  declarePin,
  declareSeed,
  declareTimeout,
  parseMaxFailures,
  parsePin,
  parseSeed,
  parseTimeout,
} from '../../options/run.js';
import type { RawRun } from '../../options/run.js';
import { wholeNumber } from '../../options/values.js';

type RawPrice = RawProfile &
  RawEngine &
  RawConversion &
  Omit<RawRun, 'stages'> &
  RawResults &
  RawQuiet &
  RawJson & {
    readonly policy: ArchitecturePolicy;
    readonly against?: string;
    readonly prices?: string;
    readonly blocks: string;
    readonly all?: boolean;
  };

/** What to price, and with which prices. */
export type PriceOptions = ReturnType<typeof optionsOf>;

/** `bench price`: what the calls of a counted program would pay under a profile, without running the program. */
export function declarePrice(cli: Command, act: Act): void {
  const command = cli
    .command('price')
    .summary('price counted system calls under a profile')
    .description(
      'tell what the system calls in a table would pay under a profile, from prices measured here, without running \
the program',
    )
    .argument(
      '<table>',
      'output of strace -c, perf trace -s, perf stat or bpftrace, or - for standard input; FILE#2 is the second table',
    )
    .addOption(option('--against <file>', 'compare with this profile in place of no filter', 'common'))
    .addOption(
      option('--prices <folder>', 'use the prices of this run of percall or price, without measuring', 'common'),
    )
    .addOption(option('--blocks <n>', 'containers per arm', 'common').default('30', '30'))
    .addOption(option('--all', 'list every call', 'common'));
  declareProfile(command);
  declarePolicy(command);
  declareEngine(command, { default: 'namespaces', about: 'what creates the containers that time calls' });
  declareResults(declareJson(declareQuiet(command)));
  declareConversion(command);
  declareMaxFailures(declareTimeout(declarePin(declareSeed(command))));
  finish(command, [
    'bench price counts.txt --profile my-profile.json',
    'bench price counts.txt --profile new.json --against old.json --prices results/percall-1',
  ]).action((table: string, raw: RawPrice) =>
    act(async (io) => {
      const options = optionsOf(table, raw);
      const [given] = measurementOptions(command);
      if (options.prices !== null && given !== undefined)
        throw conflict('--prices', given, { hint: 'With --prices nothing is measured.' });
      const { price } = await import('./price.js');
      return price(options, io);
    }),
  );
}

/** All that was typed, checked. Throws `usage` and `environment`. */
function optionsOf(table: string, raw: RawPrice) {
  const { profile, dialect } = parseProfile(raw);
  const { against, policy, prices } = raw;
  if ([profile, against].includes('-'))
    throw invalidValue('a profile', 'a file', 'standard input, which can be read only once', {
      hint: 'Write it to a file first.',
    });
  return {
    table,
    profile,
    against,
    dialect,
    policy,
    prices: prices ?? null,
    blocks: wholeNumber('--blocks', raw.blocks, LIMITS.count),
    engine: parseEngine(raw),
    conversion: parseConversion(raw),
    run: {
      seed: parseSeed(raw),
      pin: parsePin(raw),
      timeoutMs: parseTimeout(raw),
      maxFailures: parseMaxFailures(raw),
    },
    output: { resultsFolder: raw.results, quiet: parseQuiet(raw) },
    json: parseJson(raw),
    all: raw.all === true,
  };
}

/** Options of a measurement that were typed. */
const measurementOptions = (command: Command): readonly string[] =>
  ['blocks', 'engine', 'runtime', 'host', 'image', 'seed', 'pin', 'timeout', 'maxFailures', 'results']
    .filter((name) => command.getOptionValueSource(name) === 'cli')
    .map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
