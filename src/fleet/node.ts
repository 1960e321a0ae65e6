import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, exitCodeFor } from '../errors.js';
import type { Io } from '../model/io.js';
import { foldersIn, packEnd, packResult, type PackedEnd } from '../results/index.js';
import { secondsOption } from '../cli/options/settings.js';
import { runProgram } from '../cli/program.js';

export interface FleetNodeOptions {
  readonly command: readonly string[];
  /** Seconds. */
  readonly limit: string;
}

/** Where `bench fleet` mounts the node's engine. */
const ENGINE = ['--engine', 'docker', '--host', 'unix:///var/run/docker.sock'];

/**
 * What a job of `bench fleet` runs on its node: the command on the node's own engine; everything said goes to standard
 * error. Then, on standard output, its results
 * folders packed as lines, and how it ended. Its own exit code is always 0: Swarm 20.10 starts a global job that failed
 * again, whatever its restart policy says.
 */
export async function run({ command, limit }: FleetNodeOptions, io: Io): Promise<number> {
  const seconds = secondsOption('--limit', limit);
  const results = mkdtempSync(join(tmpdir(), 'bench-fleet-'));
  // At its limit a run ends like one that was stopped: it removes its containers, and what it has is kept.
  const ending = new AbortController();
  io.signal.addEventListener('abort', () => {
    ending.abort(io.signal.reason);
  });
  const timer = setTimeout(() => {
    ending.abort(new BenchError('interrupted', `stopped after ${seconds} s, the limit of the fleet`));
  }, seconds * 1000);
  const quiet: Io = {
    ...io,
    out: io.err,
    columns: null,
    colour: false,
    cwd: io.cwd,
    commandLine: command,
    signal: ending.signal,
  };
  const end = await measureHere([...command, ...ENGINE, '--no-report', '--results', results], quiet);
  clearTimeout(timer);
  for (const [index, name] of foldersIn(results).entries()) io.out(packResult(join(results, name), name, index));
  rmSync(results, { recursive: true });
  io.out(packEnd(end));
  return 0;
}

/** Whatever ends the run: what it measured is sent. */
async function measureHere(argv: readonly string[], io: Io): Promise<PackedEnd> {
  try {
    return { exitCode: await runProgram(argv, io), words: '' };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    io.err(`bench: ${words}\n`);
    return { exitCode: error instanceof BenchError ? exitCodeFor(error.code) : 1, words };
  }
}
