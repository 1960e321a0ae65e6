import { readdirSync } from 'node:fs';
import { Launcher } from '../../../src/process/launcher.js';
import type { ContainerRun, LaunchCommand } from '../../../src/model/container/container.js';
import { nanoseconds } from '../../../src/model/time.js';
import type { Clock } from '../../../src/model/time.js';

export const clock: Clock = () => nanoseconds(Number(process.hrtime.bigint()));

/** A shell script as a command with only a PATH in its environment. */
export const sh = (script: string, env: readonly string[] = ['PATH=/usr/bin:/bin']): LaunchCommand => ({
  file: '/bin/sh',
  args: ['-c', script],
  env,
});

export interface RunOptions {
  readonly concurrency?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly stop?: (index: number) => Promise<void>;
}

/** What a launch request is made of, with what a test does not care about filled in. */
export const requestOf = (
  commands: readonly LaunchCommand[],
  {
    concurrency = 1,
    timeoutMs = 20_000,
    signal = new AbortController().signal,
    stop = () => Promise.resolve(),
  }: RunOptions = {},
) => ({ commands, concurrency, timeoutMs, signal, stop });

/** Runs the commands without a barrier program (so at most one at a time unless a gate is given). */
export async function runAll(
  commands: readonly LaunchCommand[],
  options: RunOptions & { readonly gate?: string } = {},
): Promise<readonly ContainerRun[]> {
  using launcher = new Launcher(clock, options.gate ?? '/nonexistent/gate');
  return (await launcher.run(requestOf(commands, options))).containers;
}

export async function runOne(command: LaunchCommand, options: RunOptions = {}): Promise<ContainerRun> {
  const [run] = await runAll([command], options);
  if (run === undefined) throw new Error('expected one run');
  return run;
}

/** How many descriptors this process has open. */
export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;
