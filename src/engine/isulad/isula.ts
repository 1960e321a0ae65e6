import { BenchError } from '../../errors.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import type { ToolOptions } from '../../process/run-tool.js';
import { ASK_AFTER_STOP_MS, ASK_MS, CHANGE_MS, REMOVE_MS, STOP_TOOL_MS } from '../waiting/deadlines.js';
import type { PayloadMode } from '../../model/container/program.js';
import { cgroupLimit } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import { payloadArgs } from '../oci/config.js';

/** The label of everything a run makes; its value is the run's id. */
const RUN_LABEL = 'seccomp-bench';

/** The client's program, and its environment, which names the daemon (ISULAD_HOST and others). */
export interface Isula {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's wish to stop: it ends what makes and starts containers. */
  readonly signal?: AbortSignal;
}

export interface IsulaContainer {
  readonly id: string;
  readonly runId: string;
  readonly rootfs: string;
  /** lcr, runc or another that iSulad is configured with; `null`: iSulad's default. */
  readonly runtime: string | null;
  /** Path of the profile; `null`: none. */
  readonly profile: string | null;
  readonly mode: PayloadMode;
  readonly containment: Containment;
}

/**
 * Options and arguments of `isula create` and `isula run`: no network, a read-only root file system that iSulad does
 * not manage (so the image is `none`), and limits. Capabilities and protected paths are iSulad's own defaults, which
 * are Docker's. Source: iSulad's own client, cmd/isula/base/create.h.
 */
export function containerArgs(container: IsulaContainer): readonly string[] {
  const { id, runId, rootfs, runtime, profile, mode, containment } = container;
  const [pids, memory] = [cgroupLimit(containment.pids), cgroupLimit(containment.memory)];
  return [
    '--name',
    id,
    ...(runtime === null ? [] : ['--runtime', runtime]),
    '--net',
    'none',
    '--read-only',
    ...(pids === undefined ? [] : ['--pids-limit', String(pids)]),
    ...(memory === undefined ? [] : ['--memory', String(memory)]),
    '--hostname',
    'bench',
    '--label',
    `${RUN_LABEL}=${runId}`,
    '--env',
    `${RUN_VARIABLE}=${runId}`,
    '--security-opt',
    'no-new-privileges',
    '--security-opt',
    `seccomp=${profile ?? 'unconfined'}`,
    '--external-rootfs',
    rootfs,
    'none',
    ...payloadArgs(mode),
  ];
}

/** Runs the client, which is not timed. Throws `runFailed` with its words. */
export function callIsula({ program, env, signal }: Isula, ...args: readonly string[]): Promise<string> {
  return call(program, args, { env, timeoutMs: CHANGE_MS, ...(signal === undefined ? {} : { signal }) });
}

async function call(program: string, args: readonly string[], options: ToolOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(program, args, options);
  if (exitCode === 0) return stdout;
  throw new BenchError('runFailed', `isula ${args[0] ?? ''} failed with exit code ${exitCode}: ${stderr.trim()}`);
}

/** Names of the run's containers, including ended ones; each line is padded to the widest. */
export async function containersOf({ program, env, signal }: Isula, runId: string): Promise<readonly string[]> {
  const args = ['ps', '--all', '--filter', `label=${RUN_LABEL}=${runId}`, '--format', '{{.Names}}'];
  const timeoutMs = signal?.aborted === true ? ASK_AFTER_STOP_MS : ASK_MS;
  const lines = await call(program, args, { env, timeoutMs });
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** Kills a container; goes on after the user has stopped the run. Throws `runFailed`. */
export async function killContainer({ program, env }: Isula, id: string): Promise<void> {
  await call(program, ['kill', '--signal', 'KILL', id], { env, timeoutMs: STOP_TOOL_MS });
}

/** Kills it if it runs; a container that is already gone is fine. */
export async function removeContainer({ program, env }: Isula, id: string): Promise<void> {
  const { exitCode, stderr } = await runTool(program, ['rm', '--force', id], { env, timeoutMs: REMOVE_MS });
  if (exitCode === 0 || /no such container/i.test(stderr)) return;
  throw new BenchError('runFailed', `isula rm failed with exit code ${exitCode}: ${stderr.trim()}`);
}

/** What `isula inspect` tells about a container. */
export interface Inspected {
  /** 0 before it runs. */
  readonly pid: number;
  /** The profile as the client passed it on, or `unconfined`; absent where it was given none. */
  readonly seccomp: string | undefined;
  /** Of the container; absent where this iSulad tells only a runtime that it was asked for. */
  readonly runtime: string | undefined;
}

export async function inspect(isula: Isula, id: string): Promise<Inspected> {
  const text = await callIsula(isula, 'inspect', id);
  const [found] = parsed(text, id) as readonly {
    readonly State?: { readonly Pid?: unknown };
    readonly HostConfig?: { readonly SecurityOpt?: unknown; readonly Runtime?: unknown };
  }[];
  const options = found?.HostConfig?.SecurityOpt;
  const seccomp = Array.isArray(options)
    ? ((options as readonly unknown[]).find((option) => typeof option === 'string' && option.startsWith('seccomp=')) as
        string | undefined)
    : undefined;
  const runtime = found?.HostConfig?.Runtime;
  return {
    pid: Number(found?.State?.Pid ?? 0),
    seccomp: seccomp?.slice('seccomp='.length),
    runtime: typeof runtime === 'string' && runtime !== '' ? runtime : undefined,
  };
}

function parsed(text: string, id: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value as readonly unknown[];
  } catch {
    // Reported below.
  }
  throw new BenchError('runFailed', `isula inspect ${id} gave no JSON list: ${JSON.stringify(text.slice(0, 200))}`);
}
