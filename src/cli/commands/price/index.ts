import type { Command } from 'commander';
import { conflict } from '../../../errors.js';
import type { Act } from '../../act.js';
import { declareConversion, declarePolicy, declareProfile } from '../../options/conversion.js';
import { declareEngine } from '../../options/engine.js';
import { finish, option } from '../../options/option.js';
import { declareJson, declareQuiet, declareResults } from '../../options/output.js';
import { declareMaxFailures, declarePin, declareSeed, declareTimeout } from '../../options/run.js';
import { parsePrice } from './options.js';
import type { RawPrice } from './options.js';

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
    'bench price counts.txt --profile new.json --prices results/percall-1',
  ]).action((table: string, raw: RawPrice) =>
    act(async (io) => {
      const options = parsePrice(table, raw, command.getOptionValueSource('policy') === 'cli');
      const [given] = measurementOptions(command);
      if (options.prices !== null && given !== undefined)
        throw conflict('--prices', given, { hint: 'With --prices nothing is measured.' });
      const { price } = await import('./price.js');
      return price(options, io);
    }),
  );
}

/** Options of a measurement that were typed. */
const measurementOptions = (command: Command): readonly string[] =>
  ['blocks', 'engine', 'runtime', 'host', 'image', 'seed', 'pin', 'timeout', 'maxFailures', 'results']
    .filter((name) => command.getOptionValueSource(name) === 'cli')
    .map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
