import { spawnSync } from 'node:child_process';
import type { SpawnSyncReturns } from 'node:child_process';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { BenchError, interrupted } from '../../../errors.js';
import type { ErrorCode } from '../../../errors.js';
import type { LxcPolicy } from '../../../model/profile/source.js';
import type { SeccompSpec } from '../../../model/profile/seccomp.js';
import { packageRoot } from '../../../package.js';
import type { BuildOptions, BuiltFilter } from '../build.js';
import { libseccomp } from '../libseccomp.js';
import type { Risk } from './risk.js';
import { formatCount } from '../../../model/numbers.js';

/**
 * What a large profile may take. Profiles of real runtimes take milliseconds, a runtime gives a start 10 to 30 s in
 * all, and a person waits this long without wondering.
 */
const LIMIT_MS = 5000;

/** What the child is to build. */
export type BuildJob =
  | { readonly kind: 'spec'; readonly spec: SeccompSpec; readonly machine: string; readonly options: BuildOptions }
  | {
      readonly kind: 'lxc';
      readonly policy: LxcPolicy;
      readonly name: string;
      readonly machine: string;
      readonly options: Pick<BuildOptions, 'library'>;
    };

/** What it made of that. */
export type BuildReply =
  | { readonly built: BuiltFilter }
  | { readonly refused: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined } };

/** A filter that libseccomp does not build to its end: no runtime could start a container with it either. */
export class UnfinishedBuild extends BenchError {}

/**
 * Builds a filter in a process of its own, which can be ended while libseccomp is at work. Throws `input` where that
 * takes longer than {@link LIMIT_MS} or crashes, `interrupted` where a signal of the user's ended it, and what building
 * it here would throw. `name` is the filter's for messages.
 */
export function buildApart(job: BuildJob, risk: Risk, name: string): BuiltFilter {
  const child = spawnSync(process.execPath, [workerFile()], {
    input: serialize(job),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    // A filter is far smaller; what the kernel takes has at most 4,096 instructions of 8 bytes.
    maxBuffer: 64 * 1024 * 1024,
  });
  const reply = replyOf(child, { risk, name, library: job.options.library });
  if ('built' in reply) return { ...reply.built, program: Buffer.from(reply.built.program) };
  const { code, message, hint } = reply.refused;
  throw new BenchError(code, message, hint === undefined ? {} : { hint });
}

/** A process runs a built file, whether this module runs from dist/, from a bundle or from its source. */
const workerFile = (): string => join(packageRoot(), 'dist/filter/build/guard/build-worker.js');

interface Building {
  readonly risk: Risk;
  readonly name: string;
  readonly library: string | undefined;
}

function replyOf(
  { status, signal, error, stdout, stderr }: SpawnSyncReturns<Buffer>,
  { risk, name, library }: Building,
): BuildReply {
  if (status === 0) return deserialize(stdout) as BuildReply;
  if (signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP') throw interrupted(`stopped by ${signal}`);
  const { version } = libseccomp(library);
  const hint = hintFor(risk);
  if (error !== undefined && 'code' in error && error.code === 'ETIMEDOUT')
    throw new UnfinishedBuild(
      'input',
      `libseccomp ${version} does not finish building ${name} within ${LIMIT_MS / 1000} s`,
      { hint },
    );
  if (signal !== null)
    throw new UnfinishedBuild('input', `libseccomp ${version} crashes building ${name} (${signal})`, { hint });
  throw new BenchError('environment', `could not build ${name} in a process of its own: ${reason(error, stderr)}`);
}

/** Node's last line names its version only; the first that names an error says why. */
function reason(error: Error | undefined, stderr: Buffer): string {
  if (error !== undefined) return error.message;
  const lines = stderr.toString('utf8').split('\n');
  return lines.find((line) => /error/i.test(line)) ?? 'it ended without a word';
}

function hintFor(risk: Risk): string {
  if (risk.kind === 'size') {
    const [rules, architectures] = [risk.rules, risk.architectures].map(formatCount);
    const each = risk.architectures > 1 ? ` for each of ${architectures} architectures` : '';
    return `It has ${rules} rules${each}. Leave some out.`;
  }
  const [first = '', ...others] = risk.calls;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `Its rules for ${first}${more} compare several arguments with operators other than equality. Leave some out.`;
}
