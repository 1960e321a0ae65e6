import type { Command } from 'commander';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseFilterConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareForm, parseForm } from '../../options/form.js';
import type { RawForm } from '../../options/form.js';
import { declareLoaded, parseLoaded } from '../../options/loaded.js';
import type { RawLoaded } from '../../options/loaded.js';
import { machineList } from '../../options/machines.js';
import { finish, option } from '../../options/option.js';
import { declareJson, parseJson } from '../../options/output.js';
import type { RawJson } from '../../options/output.js';
import { wholeNumber } from '../../options/values.js';

type RawVerify = RawLoaded &
  RawConversion &
  RawForm &
  RawJson & {
    readonly filter?: string;
    readonly random: string;
    readonly seed: string;
    readonly limit: string;
    readonly arch?: string;
    readonly policy: ArchitecturePolicy;
    readonly dialect: Dialect;
  };

const MOST_RANDOM = 10_000_000;
const MOST_SEED = 4_294_967_295;
const MOST_ROWS = 999_999;

/** `bench verify`: whether a filter answers as its rules say. */
export function declareVerify(cli: Command, act: Act): void {
  const command = cli
    .command('verify')
    .summary('check whether a filter answers as its rules say')
    .description(
      'check whether a filter answers as its rules say: every system-call number, the boundary values of every ' +
        'argument test, every way through the filter, and random calls. Exit code 0: it does, 3: it differs, ' +
        '4: a filter could not be read or built',
    )
    .argument(
      '[profile]',
      'profile or its name, OCI linux.seccomp object or config.json, LXC policy, or - for standard input \
(default: built-in profile)',
    )
    .addOption(option('--filter <file>', 'verify this raw BPF filter instead of the one libseccomp builds', 'common'))
    .addOption(option('--random <n>', 'random calls to try, 0 for none', 'common').default('4000'))
    .addOption(option('--seed <n>', 'seed of the random calls', 'common').default('1'))
    .addOption(option('--limit <n>', 'differences to show, 0 for all', 'common').default('10'));
  declareLoaded(declareJson(command));
  command.addOption(
    option(
      '--arch <list>',
      'machines to build for: Go, uname or libseccomp names, or all (default: this one)',
      'filter',
    ),
  );
  declareForm(command);

  declareConversion(declareDialect(declarePolicy(command)));
  finish(command, ['bench verify my-profile.json --policy all', 'bench verify my-profile.json --runtime runc']).action(
    (profile: string | undefined, raw: RawVerify) =>
      act(async (io) => {
        const options = {
          ...(profile === undefined ? {} : { profile }),
          ...(raw.filter === undefined ? {} : { filter: raw.filter }),
          machines: raw.arch === undefined ? null : machineList(raw.arch),
          conversion: { ...parseFilterConversion(raw), policy: raw.policy },
          form: parseForm(raw) ?? 'plain',
          loaded: parseLoaded(raw),
          random: wholeNumber('--random', raw.random, [0, MOST_RANDOM]),
          seed: wholeNumber('--seed', raw.seed, [0, MOST_SEED]),
          limit: wholeNumber('--limit', raw.limit, [0, MOST_ROWS]),
          json: parseJson(raw),
        } as const;
        const { verify } = await import('./verify.js');
        return verify(options, io);
      }),
  );
}
