import type { Command } from 'commander';
import { conflict } from '../../errors.js';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { LoadedRequest } from '../../experiment/arms/loaded-filters.js';
import { parsePid } from './inspect.js';
import { choice, option } from './option.js';

export interface RawLoaded {
  readonly container?: string;
  readonly pid?: string;
  readonly engine?: EngineChoice;
  readonly runtime?: string;
  readonly root?: string;
  readonly host?: string;
}

/** Which loaded filter is read: of a new container, a running one, or a process. */
export function declareLoaded(command: Command): Command {
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
export function parseLoaded({ container, pid, engine, runtime, root, host }: RawLoaded): LoadedRequest {
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
