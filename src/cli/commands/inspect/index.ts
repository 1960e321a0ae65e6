import type { Command } from 'commander';
import { conflict } from '../../../errors.js';
import { ENGINE_CHOICES } from '../../../model/container/container.js';
import type { EngineChoice } from '../../../model/container/container.js';
import type { ArchitecturePolicy, Dialect } from '../../../model/profile/seccomp.js';
import type { Act } from '../../act.js';
import { declareConversion, declareDialect, declarePolicy, parseFilterConversion } from '../../options/conversion.js';
import type { RawConversion } from '../../options/conversion.js';
import { declareForm, parseForm } from '../../options/form.js';
import type { RawForm } from '../../options/form.js';
import { declareView, parsePid, parseView } from '../../options/inspect.js';
import type { RawView } from '../../options/inspect.js';
import { choice, finish, option } from '../../options/option.js';
import { declareJson, parseJson } from '../../options/output.js';
import type { RawJson } from '../../options/output.js';

interface RawLoaded {
  readonly container?: string;
  readonly pid?: string;
  readonly engine?: EngineChoice;
  readonly runtime?: string;
  readonly root?: string;
  readonly host?: string;
}

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
      'profile, OCI linux.seccomp object or config.json, LXC policy, raw filter, or - for standard input \
(default: built-in profile)',
    );
  declareView(command);
  declareLoaded(declareJson(command));
  command.addOption(
    option('--arch <arch>', 'machine to build for: Go, uname or libseccomp name (default: this one)', 'filter'),
  );
  declareForm(command);
  declareConversion(declareDialect(declarePolicy(command)));
  finish(command, [
    'bench inspect my-profile.json --sort denied',
    'bench inspect filter.bpf',
    'bench inspect --runtime runc --call clone',
  ]).action((profile: string | undefined, raw: RawInspect) =>
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

/** Which loaded filter is read: of a new container, a running one, or a process. */
function declareLoaded(command: Command): Command {
  return command
    .addOption(
      option(
        '--runtime <name>',
        'runc, crun or a path: start a container and read its filter; with --container, the runtime of that container',
        'common',
      ),
    )
    .addOption(
      choice(
        '--engine <engine>',
        'start a container with this engine and read its filter; docker and podman also work with --container',
        'engine',
        {
          values: ENGINE_CHOICES.filter((name) => name !== 'auto'),
          kind: 'an engine',
        },
      ),
    )
    .addOption(option('--container <id>', 'read the filter of a running container', 'common'))
    .addOption(option('--root <dir>', "with --container: the runtime's state folder", 'engine'))
    .addOption(option('--host <address>', 'docker, podman: unix:///path of the daemon', 'engine'))
    .addOption(option('--pid <pid>', 'read the filter of a process', 'common'));
}

/** Throws `usage`. */
function parseLoaded({ container, pid, engine, runtime, root, host }: RawLoaded) {
  if (pid !== undefined && container !== undefined) throw conflict('--container', '--pid');
  const process = parsePid(pid);
  return {
    ...(container === undefined ? {} : { container }),
    ...(process === undefined ? {} : { pid: process }),
    ...(engine === undefined ? {} : { engine }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(root === undefined ? {} : { root }),
    ...(host === undefined ? {} : { host }),
  };
}
