import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';
import { BenchError } from '../../errors.js';
import { findProgram } from '../../launch/find.js';
import { runTool } from '../../launch/run-tool.js';
import type { ToolResult } from '../../launch/run-tool.js';
import { hostFilesUnder } from '../host-files.js';
import type { HostFiles } from '../host-files.js';

/** Everything a check may look at, so that a test can make up a host. */
export interface Host {
  readonly files: HostFiles;
  readonly system: Pick<typeof os, 'machine' | 'release' | 'cpus' | 'loadavg'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a program, `null` where there is none. */
  readonly program: (name: string) => string | null;
  /** Runs a program to its end; `null` where it cannot be started or does not end. */
  readonly ask: (file: string, args: readonly string[]) => Promise<ToolResult | null>;
  /** Whether a socket is there and this user may connect to it. */
  readonly socket: (path: string) => 'none' | 'denied' | 'there';
  /** How this very command is called, for fixes that repeat it as root. */
  readonly self: string;
}

const ASK_LIMIT_MS = 10_000;

/** This machine. */
export function thisHost(env: Host['env'], self: string): Host {
  return {
    files: hostFilesUnder('/'), system: os, env, self,
    program: (name) => findProgram(name, env['PATH']) ?? null,
    ask: (file, args) => runTool(file, args, { env, timeoutMs: ASK_LIMIT_MS }).catch((error: unknown) => {
      if (error instanceof BenchError) return null;
      throw error;
    }),
    socket: socketState,
  };
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

/** The number of this process's effective user; nothing where /proc does not tell. */
export const effectiveUser = (host: Pick<Host, 'files'>): string | undefined => statusOf(host, 'Uid')?.split('\t')[1];

export const runsAsRoot = (host: Pick<Host, 'files'>): boolean => effectiveUser(host) === '0';

/** A command that needs root, as this user has to type it. */
export const asRoot = (host: Pick<Host, 'files'>, command: string): string => (runsAsRoot(host) ? command : `sudo ${command}`);

/** What a program that failed said first. */
export function firstWords(result: ToolResult | null): string {
  if (result === null) return 'it cannot be started or does not end';
  const line = result.stderr.trim().split('\n')[0] ?? '';
  return line === '' ? `exit code ${result.exitCode ?? 'none'}` : line;
}

/** The number in what a program says of its version; its first line where there is none. */
export function versionIn(text: string): string {
  return /\d+(?:\.\d+)+[^\s,;)]*|(?<=release-)\d\S*/.exec(text)?.[0] ?? text.trim().split('\n')[0] ?? '';
}
