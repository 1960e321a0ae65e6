import { existsSync } from 'node:fs';
import { BenchError } from '../../errors.js';
import { runTool } from '../../process/run-tool.js';
import { lastWords } from '../../model/container/outcome.js';

/** A runtime's program and how it is called. */
export interface AskedRuntime {
  readonly runtime: string;
  /** Options before every verb. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent: 30 s. */
  readonly timeoutMs?: number;
}

/**
 * Ids of the containers that an OCI runtime lists under a state folder; empty where the folder does not exist. Throws
 * `runFailed` with the runtime's words.
 */
export async function listContainers(
  { runtime, flags, ...options }: AskedRuntime,
  root: string,
): Promise<readonly string[]> {
  const args = [...flags, '--root', root, 'list', '--format', 'json'];
  const { exitCode, stdout, stderr } = await runTool(runtime, args, options);
  if (exitCode !== 0 && existsSync(root)) throw notListed(runtime, lastWords(stderr, 1) || `exit code ${exitCode}`);
  return exitCode !== 0 || stdout.trim() === '' ? [] : idsIn(stdout, runtime);
}

/** runc writes `null` for none. */
function idsIn(text: string, runtime: string): readonly string[] {
  let listed: unknown;
  try {
    listed = JSON.parse(text) ?? [];
  } catch {
    listed = undefined;
  }
  const ids = Array.isArray(listed) ? listed.map((one: { readonly id?: unknown } | null) => one?.id) : [undefined];
  if (ids.every(isId)) return ids;
  throw notListed(runtime, 'it did not write a list of containers as JSON');
}

/** An id is an argument and part of paths. */
const isId = (id: unknown): id is string => typeof id === 'string' && /^[\w+.-]+$/.test(id) && !/^(-|\.)/.test(id);

const notListed = (runtime: string, why: string): BenchError =>
  new BenchError('runFailed', `${runtime} could not list its containers: ${why}`);
