import type { Command } from 'commander';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseFilterConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareForm, parseForm } from '../../options/form.js';
import type { RawForm } from '../../options/form.js';
import { finish, option } from '../../options/option.js';
import { declareJson, parseJson } from '../../options/output.js';
import type { RawJson } from '../../options/output.js';
import { wholeNumber } from '../../options/values.js';

type RawCapacity = RawConversion &
  RawForm &
  RawJson & {
    readonly policy: ArchitecturePolicy;
    readonly dialect: Dialect;
    readonly tasks: string;
    readonly stacked: string;
    readonly untilRefused?: boolean;
  };

const MOST_TASKS = 20_000;
const MOST_STACKED = 64;

/** `bench capacity`: the kernel memory of a loaded filter, and how many fit. */
export function declareCapacity(cli: Command, act: Act): void {
  const command = cli
    .command('capacity')
    .summary('measure the kernel memory of a filter, and how many fit')
    .description(
      'measure the kernel memory of a loaded filter, and how many fit under net.core.bpf_jit_limit: it is loaded in ' +
        'many tasks, which end afterwards',
    )
    .argument('[profile]', 'profile, LXC policy, raw filter, or - for standard input (default: built-in profile)')
    .addOption(
      option(
        '--until-refused',
        'lower the limit for moments and count until the kernel refuses; needs root, and other programs cannot load ' +
          'filters meanwhile',
        'common',
      ),
    )
    .addOption(option('--tasks <n>', 'tasks with the filter at once', 'common').default('500', '500'))
    .addOption(option('--stacked <n>', 'filters in each task, one upon the other', 'common').default('1', '1'));
  declareForm(declareJson(command));
  declareConversion(declareDialect(declarePolicy(command)));
  finish(command, ['bench capacity my-profile.json', 'bench capacity my-profile.json --until-refused']).action(
    (profile: string | undefined, raw: RawCapacity) =>
      act(async (io) => {
        const form = parseForm(raw);
        const options = {
          ...(profile === undefined ? {} : { profile }),
          conversion: { ...parseFilterConversion(raw), policy: raw.policy },
          ...(form === undefined ? {} : { form }),
          tasks: wholeNumber('--tasks', raw.tasks, [10, MOST_TASKS]),
          stacked: wholeNumber('--stacked', raw.stacked, [1, MOST_STACKED]),
          untilRefused: raw.untilRefused === true,
          json: parseJson(raw),
        };
        const { capacity } = await import('./capacity.js');
        await capacity(options, io);
        return 0;
      }),
  );
}
