import { isAbsolute } from 'node:path';
import { BenchError } from '../errors.js';
import type { BindMount } from '../model/container/program.js';
import type { Workload, WorkloadVia } from '../model/run/workload.js';

/** A program as a scenario's file has it. */
export interface WrittenWorkload {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly bindHost?: boolean;
  readonly binds?: readonly string[];
  readonly rootfs?: string;
  readonly via?: WorkloadVia;
}

/** What `bench workload` is told of its program. */
export interface WorkloadFlags {
  /** Behind the `--`. */
  readonly command: readonly string[];
  readonly env?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  readonly bindHost: boolean;
  readonly bind?: readonly string[] | undefined;
  readonly rootfs?: string | undefined;
  readonly via: WorkloadVia;
}

/**
 * The program of a file with its defaults, its paths made those of the current folder; or what is wrong with it, as
 * `property: expected X, got Y`.
 */
export function workloadFrom(written: WrittenWorkload, located: (path: string) => string): Workload | string {
  const { args, env = [], cwd = '/', bindHost = false, binds = [], rootfs, via = 'run' } = written;
  const mounts = binds.map((text) => bindFrom(text, located));
  const fault = faultOf({ ...written, env, cwd, bindHost });
  if (fault !== undefined) return fault;
  const wrong = mounts.findIndex(({ target }) => !isAbsolute(target));
  if (wrong >= 0)
    return `binds[${wrong}]: expected PATH or PATH:PLACE with an absolute place, got "${binds[wrong] ?? ''}"`;
  return { args, env, cwd, bindHost, binds: mounts, ...(rootfs === undefined ? {} : { rootfs: located(rootfs) }), via };
}

function faultOf({
  args,
  env,
  cwd,
  bindHost,
  rootfs,
}: WrittenWorkload & Pick<Required<WrittenWorkload>, 'env' | 'cwd' | 'bindHost'>): string | undefined {
  if (args[0] === undefined || args[0] === '') return 'args: expected a program, got none';
  if ([...args, ...env].some((text) => text.includes('\0')))
    return 'args: expected words without the character 0, got one with it';
  const variable = env.findIndex((text) => !/^[^=]+=/.test(text));
  if (variable >= 0) return `env[${variable}]: expected NAME=VALUE, got "${env[variable] ?? ''}"`;
  if (!isAbsolute(cwd)) return `cwd: expected an absolute folder inside the container, got "${cwd}"`;
  // A mount needs a place to lie on, and nothing is ever written into a root of the user's.
  return bindHost && rootfs !== undefined
    ? `rootfs: expected either a root or the host's own folders, got both`
    : undefined;
}

/** `PATH` seen at its own place, or `PATH:PLACE`. */
function bindFrom(text: string, located: (path: string) => string): BindMount {
  const colon = text.lastIndexOf(':');
  const [source, target] = colon > 0 ? [text.slice(0, colon), text.slice(colon + 1)] : [text, text];
  return { source: isAbsolute(source) ? source : located(source), target };
}

/** Property of a file to option of the command line. */
const OPTIONS: Readonly<Record<string, string>> = {
  args: '-- CMD',
  env: '--env',
  cwd: '--cwd',
  binds: '--bind',
  rootfs: '--rootfs',
};

/** The program of a command line. Throws `usage`. */
export function makeWorkload({ command, env, cwd, bindHost, bind, rootfs, via }: WorkloadFlags): Workload {
  const workload = workloadFrom(
    {
      args: command,
      bindHost,
      via,
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(bind === undefined ? {} : { binds: bind }),
      ...(rootfs === undefined ? {} : { rootfs }),
    },
    (path) => path,
  );
  if (typeof workload !== 'string') return workload;
  const [, property = '', what = ''] = /^(\w+)[^:]*: (.*)$/s.exec(workload) ?? [];
  throw new BenchError('usage', `${OPTIONS[property] ?? property}: ${what}`, {
    hint: 'bench workload --bind-host -- python3 -c "print(1)"',
  });
}
