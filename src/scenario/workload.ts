import { isAbsolute } from 'node:path';
import type { BindMount } from '../model/container/program.js';
import { metricFault, readyFault, readyFrom } from '../model/run/program/service.js';
import type { Service } from '../model/run/program/service.js';
import type { Workload, WorkloadVia } from '../model/run/program/workload.js';

/** A program as a scenario's file has it. */
export interface WrittenWorkload {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly bindHost?: boolean;
  readonly binds?: readonly string[];
  readonly rootfs?: string;
  readonly via?: WorkloadVia;
  /** Port or regular expression; a scenario's file has one of the two forms of a port. */
  readonly ready?: string | number;
  readonly load?: string;
  readonly loadMetric?: string;
}

/** What is wrong with a program, and where. */
export interface WorkloadFault {
  readonly property: keyof WrittenWorkload;
  /** The entry of a list. */
  readonly index?: number;
  /** `expected X, got Y`. */
  readonly message: string;
}

/** The program with its defaults filled in and its paths resolved by `located`; or what is wrong with it. */
export function workloadFrom(written: WrittenWorkload, located: (path: string) => string): Workload | WorkloadFault {
  const { args, env = [], cwd = '/', bindHost = false, binds = [], rootfs, via = 'run' } = written;
  const mounts = binds.map((text) => bindFrom(text, located));
  const fault = faultOf({ ...written, env, cwd, bindHost });
  if (fault !== undefined) return fault;
  const wrong = mounts.findIndex(({ target }) => !isAbsolute(target));
  if (wrong >= 0)
    return {
      property: 'binds',
      index: wrong,
      message: `expected PATH or PATH:PLACE with an absolute place, got "${binds[wrong] ?? ''}"`,
    };
  const service = serviceFrom(written);
  return {
    args,
    env,
    cwd,
    bindHost,
    binds: mounts,
    ...(rootfs === undefined ? {} : { rootfs: located(rootfs) }),
    via,
    ...(service === undefined ? {} : { service }),
  };
}

function serviceFrom({ ready, load, loadMetric }: WrittenWorkload): Service | undefined {
  if (ready === undefined || load === undefined) return undefined;
  return { ready: readyFrom(ready), load, ...(loadMetric === undefined ? {} : { metric: loadMetric }) };
}

/** A server needs both a sign that it is ready and a load, and is the program of its own container. */
function serviceFault({ ready, load, loadMetric, via }: Omit<WrittenWorkload, 'args'>): WorkloadFault | undefined {
  if (ready === undefined && load === undefined && loadMetric === undefined) return undefined;
  const notReady = readyFault(readyFrom(ready ?? ''));
  if (notReady !== undefined) return { property: 'ready', message: notReady };
  if (load === undefined || load.trim() === '') return { property: 'load', message: 'expected a command, got nothing' };
  const noMetric = loadMetric === undefined ? undefined : metricFault(loadMetric);
  if (noMetric !== undefined) return { property: 'loadMetric', message: noMetric };
  if (via === 'exec') return { property: 'via', message: 'expected run for a server, got exec' };
  return undefined;
}

/** Whether `workloadFrom` found a fault. */
export const isFault = (workload: Workload | WorkloadFault): workload is WorkloadFault => 'message' in workload;

function faultOf({
  args,
  env,
  cwd,
  bindHost,
  rootfs,
  ...rest
}: WrittenWorkload & Pick<Required<WrittenWorkload>, 'env' | 'cwd' | 'bindHost'>): WorkloadFault | undefined {
  if (args[0] === undefined || args[0] === '') return { property: 'args', message: 'expected a program, got nothing' };
  if ([...args, ...env].some((text) => text.includes('\0')))
    return { property: 'args', message: 'expected text without a null character, got one' };
  const variable = env.findIndex((text) => !/^[^=]+=/.test(text));
  if (variable >= 0)
    return { property: 'env', index: variable, message: `expected NAME=VALUE, got "${env[variable] ?? ''}"` };
  if (!isAbsolute(cwd))
    return { property: 'cwd', message: `expected an absolute folder inside the container, got "${cwd}"` };
  // A mount needs a folder to be mounted on, and nothing is ever written into the user's root folder.
  return bindHost && rootfs !== undefined
    ? { property: 'rootfs', message: "expected either a root folder or the host's own folders, got both" }
    : serviceFault(rest);
}

/** `PATH` is seen at the same path inside, `PATH:PLACE` at PLACE. */
function bindFrom(text: string, located: (path: string) => string): BindMount {
  const colon = text.lastIndexOf(':');
  const [source, target] = colon > 0 ? [text.slice(0, colon), text.slice(colon + 1)] : [text, text];
  return { source: isAbsolute(source) ? source : located(source), target };
}
