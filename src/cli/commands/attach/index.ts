import type { Command } from 'commander';
import { ATTACH_DEFAULTS, ATTACH_LIMITS } from '../../../model/run/kinds/attach.js';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareForm, parseForm } from '../../options/form.js';
import type { RawForm } from '../../options/form.js';
import { finish, option } from '../../options/option.js';
import { declareJson, declareReportFolder, parseJson, parseReportFolder } from '../../options/output.js';
import type { RawJson, RawReport } from '../../options/output.js';
import { wholeNumber, wholeOrNone } from '../../options/values.js';

const ROUNDS = [String(ATTACH_DEFAULTS.rounds), String(ATTACH_DEFAULTS.rounds)] as const;

type RawAttach = RawConversion &
  RawForm &
  RawJson &
  RawReport & {
    readonly policy: ArchitecturePolicy;
    readonly dialect: Dialect;
    readonly rounds: string;
    readonly seed?: string;
    readonly switchJit?: boolean;
    readonly sampleJit?: boolean;
  };

/** Throws `usage`. */
export const parseAttachSeed = ({ seed }: Pick<RawAttach, 'seed'>): number | undefined =>
  wholeOrNone('--seed', seed, ATTACH_LIMITS.seed);

/** `bench attach`: what the kernel does to load a filter, part by part. */
export function declareAttach(cli: Command, act: Act): void {
  const command = cli
    .command('attach')
    .summary('measure what the kernel takes to load a filter, by part')
    .description(
      'measure how long the kernel takes to load a filter, and for what: copying and checking, translating, the walk ' +
        'for its bitmap; for it and for filters of other sizes',
    )
    .argument('[profile]', 'profile, LXC policy, raw filter, or - for standard input (default: built-in profile)')
    .addOption(
      option(
        '--switch-jit',
        'switch the JIT off for moments, to tell its part; needs root, and filters that other programs load in those ' +
          'moments stay interpreted',
        'common',
      ),
    )
    .addOption(
      option(
        '--sample-jit',
        "tell the JIT's part by samples of perf, where the JIT cannot be switched off; needs root and perf",
        'common',
      ),
    )
    .addOption(option('--rounds <n>', 'loads of each filter in each way', 'common').default(...ROUNDS))
    .addOption(option('--seed <n>', 'seed of the order of loads (default: drawn)', 'common'));
  declareReportFolder(declareForm(declareJson(command)));
  declareConversion(declareDialect(declarePolicy(command)));
  finish(command, ['bench attach my-profile.json', 'bench attach my-profile.json --switch-jit']).action(
    (profile: string | undefined, raw: RawAttach) =>
      act(async (io) => {
        const form = parseForm(raw);
        const seed = parseAttachSeed(raw);
        const request = {
          ...(profile === undefined ? {} : { profile }),
          ...(form === undefined ? {} : { form }),
          policy: raw.policy,
          dialect: raw.dialect,
          conversion: parseConversion(raw),
          rounds: wholeNumber('--rounds', raw.rounds, ATTACH_LIMITS.rounds),
          ...(seed === undefined ? {} : { seed }),
          switchJit: raw.switchJit === true,
          sampleJit: raw.sampleJit === true,
        };
        const options = { request, reportsFolder: parseReportFolder(raw), json: parseJson(raw) };
        const { attach } = await import('./attach.js');
        await attach(options, io);
        return 0;
      }),
  );
}
