import type { Command } from 'commander';
import { CAPACITY_DEFAULTS, CAPACITY_LIMITS, type CapacityScenario } from '../../../model/run/kinds/capacity.js';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareForm, parseForm } from '../../options/form.js';
import type { RawForm } from '../../options/form.js';
import { declareExports, parseExports } from '../../options/exports.js';
import type { RawExports } from '../../options/exports.js';
import { finish, option } from '../../options/option.js';
import { declareOutput, parseOutput } from '../../options/output.js';
import type { RawOutput } from '../../options/output.js';
import { wholeNumber } from '../../options/values.js';

type RawCapacity = RawConversion &
  RawForm &
  RawOutput &
  RawExports & {
    readonly policy: ArchitecturePolicy;
    readonly dialect: Dialect;
    readonly tasks: string;
    readonly stacked: string;
    readonly untilRefused?: boolean;
  };

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
    .addOption(
      option('--tasks <n>', 'tasks with the filter at once', 'common').default(
        String(CAPACITY_DEFAULTS.tasks),
        String(CAPACITY_DEFAULTS.tasks),
      ),
    )
    .addOption(
      option('--stacked <n>', 'filters in each task, stacked on each other', 'common').default(
        String(CAPACITY_DEFAULTS.stacked),
        String(CAPACITY_DEFAULTS.stacked),
      ),
    );
  declareForm(declareOutput(command));
  declareExports(declareConversion(declareDialect(declarePolicy(command))));
  finish(command, ['bench capacity my-profile.json', 'bench capacity my-profile.json --until-refused']).action(
    (profile: string | undefined, raw: RawCapacity) =>
      act(async (io) => {
        const form = parseForm(raw);
        const scenario: CapacityScenario = {
          kind: 'capacity',
          name: 'capacity',
          ...(profile === undefined ? {} : { profile }),
          dialect: raw.dialect,
          tasks: wholeNumber('--tasks', raw.tasks, CAPACITY_LIMITS.tasks),
          stacked: wholeNumber('--stacked', raw.stacked, CAPACITY_LIMITS.stacked),
          untilRefused: raw.untilRefused === true,
        };
        const options = {
          scenario,
          making: { policy: raw.policy, conversion: parseConversion(raw), ...(form === undefined ? {} : { form }) },
          output: parseOutput(raw),
          exports: parseExports(raw),
        };
        const { capacity } = await import('./capacity.js');
        return capacity(options, io);
      }),
  );
}
