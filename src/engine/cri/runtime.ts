import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findProgram } from '../../process/files/find.js';
import { argvOf, listenersOf } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import { CONNECT_MS } from '../waiting/deadlines.js';
import { describeRuntime } from '../oci/features.js';
import type { RuntimeDescription } from '../oci/features.js';
import type { CriClient } from './client.js';
import { pathOf } from './socket.js';

/** What a runtime tells of itself, as far as bench asks; absent: it does not tell. */
export interface CriRuntime {
  /** As it names itself: `containerd`, `cri-o`, `iSulad`. */
  readonly name: string;
  readonly version: string;
  /** Names that a pod can ask for, without the empty one. */
  readonly handlers?: readonly string[];
  /** The handler of pods that ask for none. */
  readonly defaultHandler?: string;
  /** Image of the container that holds a pod. */
  readonly sandboxImage?: string;
  /** containerd's runtime and the OCI runtime's program, by handler. */
  readonly runtimes: Readonly<Record<string, RuntimeConfig>>;
}

export interface RuntimeConfig {
  readonly runtimeType?: string;
  /** `BinaryName`; empty: runc. */
  readonly program: string;
}

/** Whether `ctr` can load images for it. */
export const isContainerd = ({ name }: Pick<CriRuntime, 'name'>): boolean => name === 'containerd';

/** Asks a runtime what it is and how it is configured. Rejects with the error of the call. */
export async function describeCri(client: CriClient): Promise<CriRuntime> {
  const { runtimeName: name, runtimeVersion: version } = await client.call('Version', {}, { limitMs: CONNECT_MS });
  const { info, runtimeHandlers } = await client.call('Status', { verbose: true }, { limitMs: CONNECT_MS });
  const told = parseConfig(info['config']);
  const handlers = [...new Set([...runtimeHandlers.map((one) => one.name), ...Object.keys(told.runtimes)])].filter(
    (handler) => handler !== '',
  );
  const sandboxImage =
    told.sandboxImage ?? (isContainerd({ name }) ? await dumpedSandboxImage(client.address) : undefined);
  return {
    name,
    version,
    runtimes: told.runtimes,
    ...(handlers.length === 0 ? {} : { handlers }),
    ...(told.defaultHandler === undefined ? {} : { defaultHandler: told.defaultHandler }),
    ...(sandboxImage === undefined ? {} : { sandboxImage }),
  };
}

interface ToldConfig {
  readonly sandboxImage?: string;
  readonly defaultHandler?: string;
  readonly runtimes: CriRuntime['runtimes'];
}

/** containerd's configuration, which it tells in its verbose status; its versions from 2.0 without the image. */
export function parseConfig(text: string | undefined): ToldConfig {
  const config = parsed(text) as {
    readonly sandboxImage?: unknown;
    readonly containerd?: {
      readonly defaultRuntimeName?: unknown;
      readonly runtimes?: Readonly<
        Record<string, { readonly runtimeType?: unknown; readonly options?: { readonly BinaryName?: unknown } | null }>
      >;
    };
  };
  const { sandboxImage, containerd: { defaultRuntimeName, runtimes = {} } = {} } = config;
  return {
    ...(isText(sandboxImage) ? { sandboxImage } : {}),
    ...(isText(defaultRuntimeName) ? { defaultHandler: defaultRuntimeName } : {}),
    runtimes: Object.fromEntries(
      Object.entries(runtimes).map(([handler, { runtimeType, options }]) => [
        handler,
        {
          ...(isText(runtimeType) ? { runtimeType } : {}),
          program: isText(options?.BinaryName) ? options.BinaryName : '',
        },
      ]),
    ),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** An object out of JSON; empty where it is none. */
export function parsed(text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The process that listens at a socket; `undefined` where it may not be seen. */
const ownerOf = (address: string): number | undefined => listenersOf(pathOf(address)).find((pid) => pid > 1);

/** Out of `containerd config dump`, by the daemon's own program and file. */
async function dumpedSandboxImage(address: string): Promise<string | undefined> {
  const pid = ownerOf(address);
  if (pid === undefined) return undefined;
  try {
    const config = configFileOf(argvOf(pid), readlinkSync(`/proc/${pid}/cwd`));
    const { stdout } = await runTool(readlinkSync(`/proc/${pid}/exe`), [...config, 'config', 'dump']);
    return sandboxImageIn(stdout);
  } catch {
    return undefined;
  }
}

function configFileOf(argv: readonly string[], cwd: string): readonly string[] {
  const index = argv.findIndex((word) => /^--?c(?:onfig)?(?:=|$)/.test(word));
  const word = argv[index];
  if (word === undefined) return [];
  const file = word.includes('=') ? word.slice(word.indexOf('=') + 1) : argv[index + 1];
  return file === undefined ? [] : ['--config', resolve(cwd, file)];
}

/** In TOML: `sandbox_image = "..."` of version 2, `sandbox = '...'` below `pinned_images` of version 3. */
export function sandboxImageIn(toml: string): string | undefined {
  const quoted = /^\s*sandbox_image\s*=\s*(["'])(.+)\1/m.exec(toml)?.[2];
  if (quoted !== undefined) return quoted;
  return /pinned_images['"]?\]\s+sandbox\s*=\s*(["'])(.+)\1/.exec(toml)?.[2];
}

/** The OCI runtime that containerd's shim calls. */
export interface OciBeneath {
  readonly path: string;
  readonly description: RuntimeDescription;
}

/** The OCI runtime beneath containerd, found as its shim finds it; `undefined` where that is not known. */
export async function ociRuntimeOf(
  { runtimes, defaultHandler }: CriRuntime,
  handler: string | undefined,
  { address, env }: { readonly address: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<OciBeneath | undefined> {
  const config = runtimes[handler ?? defaultHandler ?? ''];
  if (config?.runtimeType !== 'io.containerd.runc.v2') return undefined;
  const pid = ownerOf(address);
  const searched = pid === undefined ? undefined : searchPathOf(pid);
  const path = searched === undefined ? undefined : findProgram(config.program || 'runc', searched);
  if (path === undefined) return undefined;
  const description = await describeRuntime(path, env);
  return description.version === '' ? undefined : { path, description };
}

function searchPathOf(pid: number): string | undefined {
  const file = join('/proc', String(pid), 'environ');
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, 'utf8')
      .split('\0')
      .find((entry) => entry.startsWith('PATH='))
      ?.slice('PATH='.length);
  } catch {
    return undefined;
  }
}
