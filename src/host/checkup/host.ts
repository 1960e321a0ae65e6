import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/files/find.js';
import { runTool } from '../../process/run-tool.js';
import type { ToolResult } from '../../process/run-tool.js';
import { hostFilesUnder } from '../host-files.js';
import type { HostFiles } from '../host-files.js';

/** Everything that a check reads, so that a test can make up a host. */
export interface Host {
  readonly files: HostFiles;
  readonly system: Pick<typeof os, 'machine' | 'release' | 'cpus' | 'loadavg'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a program, `null` where there is none. */
  readonly program: (name: string) => string | null;
  /** Runs a program to its end; `null` where it cannot be started or does not end. */
  readonly ask: (file: string, args: readonly string[]) => Promise<ToolResult | null>;
  /** Whether a socket exists and this user may connect to it. */
  readonly socket: (path: string) => 'none' | 'denied' | 'there';
  /** This command, quoted for a shell, for fixes that repeat it as root. */
  readonly self: string;
}

const ASK_LIMIT_MS = 10_000;

/** This machine. */
export function thisHost(env: Host['env'], self: string): Host {
  return {
    files: hostFilesUnder('/'),
    system: os,
    env,
    self,
    program: (name) => findProgram(name, env['PATH']) ?? null,
    ask: (file, args) => askAside(file, args, env),
    socket: socketState,
  };
}

/** With a temporary home folder: even to print its version, Podman creates folders for an ordinary user. */
async function askAside(file: string, args: readonly string[], env: Host['env']): Promise<ToolResult | null> {
  const folder = temporaryFolder();
  const home = folder ?? '/nonexistent';
  try {
    return await runTool(file, args, {
      env: { ...env, HOME: home, TMPDIR: home, XDG_RUNTIME_DIR: home },
      timeoutMs: ASK_LIMIT_MS,
    });
  } catch (error) {
    if (error instanceof BenchError) return null;
    throw error;
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryFolder(): string | null {
  try {
    return mkdtempSync(join(os.tmpdir(), 'seccomp-bench-doctor-'));
  } catch {
    // The check of the workspace reports a TMPDIR that does not exist.
    return null;
  }
}

function socketState(path: string): ReturnType<Host['socket']> {
  try {
    if (!statSync(path).isSocket()) return 'none';
    accessSync(path, constants.R_OK | constants.W_OK);
    return 'there';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'denied' : 'none';
  }
}

/** A line `NAME: value` of /proc/self/status. */
export function statusOf({ files }: Pick<Host, 'files'>, name: string): string | null {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(files.read('/proc/self/status') ?? '')?.[1] ?? null;
}

/** The number of this process's effective user; `undefined` where /proc does not show it. */
export const effectiveUser = (host: Pick<Host, 'files'>): string | undefined => statusOf(host, 'Uid')?.split('\t')[1];

export const runsAsRoot = (host: Pick<Host, 'files'>): boolean => effectiveUser(host) === '0';

/** A command that requires root, as this user has to type it. */
export const asRoot = (host: Pick<Host, 'files'>, command: string): string =>
  runsAsRoot(host) ? command : `sudo ${command}`;

/** The first line that a failed program wrote. */
export function firstWords(result: ToolResult | null): string {
  if (result === null) return 'it cannot be started, or does not end';
  const line = result.stderr.trim().split('\n')[0] ?? '';
  return line === '' ? `exit code ${result.exitCode ?? 'none'}` : line;
}
