import type { Command } from 'commander';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseFilterConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareForm, parseForm } from '../../options/form.js';
import type { RawForm } from '../../options/form.js';
import { declareView, parseView } from '../../options/inspect.js';
import type { RawView } from '../../options/inspect.js';
import { declareLoaded, parseLoaded } from '../../options/loaded.js';
import type { RawLoaded } from '../../options/loaded.js';
import { finish, option } from '../../options/option.js';
import { declareJson, parseJson } from '../../options/output.js';
import type { RawJson } from '../../options/output.js';

type RawInspect = RawView &
  RawLoaded &
  RawConversion &
  RawForm &
  RawJson & {
    readonly arch?: string;
    readonly policy: ArchitecturePolicy;
    readonly dialect: Dialect;
  };

/** `bench inspect`: what a filter answers to every system call, predicted and as loaded. */
export function declareInspect(cli: Command, act: Act): void {
  const command = cli
    .command('inspect')
    .summary('show what a filter answers to every system call')
    .description(
      'show what a filter answers to every system call, as libseccomp builds it or as a container has loaded it',
    )
    .argument(
      '[profile]',
      'profile, OCI linux.seccomp object or config.json, LXC policy, raw filter, a name like docker or podman@v0.62.2, \
or - for standard input (default: built-in profile)',
    );
  declareView(command);
  declareLoaded(declareJson(command));
  command.addOption(
    option('--arch <arch>', 'machine to build for: Go, uname or libseccomp name (default: this one)', 'filter'),
  );
  declareForm(command);
  declareConversion(declareDialect(declarePolicy(command)));
  finish(command, ['bench inspect my-profile.json --sort denied', 'bench inspect --runtime runc --call clone']).action(
    (profile: string | undefined, raw: RawInspect) =>
      act(async (io) => {
        const form = parseForm(raw);
        const options = {
          ...(profile === undefined ? {} : { profile }),
          ...(raw.arch === undefined ? {} : { arch: raw.arch }),
          conversion: { ...parseFilterConversion(raw), policy: raw.policy },
          ...(form === undefined ? {} : { form }),
          loaded: parseLoaded(raw),
          view: parseView(raw),
          json: parseJson(raw),
        } as const;
        const { inspect } = await import('./filters.js');
        await inspect(options, io);
        return 0;
      }),
  );
}
