import { createHash } from 'node:crypto';
import { BenchError } from '../errors.js';
import type { Engine } from '../model/container/container.js';
import type { PayloadMode, ContainerProgram, Inside } from '../model/container/program.js';
import { isProgram } from '../model/container/program.js';

/** A file name for what a container runs: the same program has the same one. */
export function nameOfInside(inside: Inside): string {
  return isProgram(inside)
    ? `program-${createHash('sha256').update(JSON.stringify(inside)).digest('hex').slice(0, 16)}`
    : inside;
}

/** The payload's mode, for an engine that runs nothing else. Throws `usage`. */
export function payloadOnly(inside: Inside, engine: Pick<Engine, 'facts'>): PayloadMode {
  if (!isProgram(inside)) return inside;
  throw unfit(engine.facts.name, inside, 'an engine that can run programs');
}

/** Refuses what an engine cannot give a program. Throws `usage`. */
export function assertProgram(
  { facts, programs, execs }: Pick<Engine, 'facts' | 'programs' | 'execs'>,
  program: ContainerProgram,
): void {
  if (programs === 'none') throw unfit(facts.name, program, 'an engine that can run programs');
  if (program.rootfs !== undefined && programs !== 'anyRoot')
    throw unfit(facts.name, program, `an engine that takes ${program.rootfs} as a root`);
  if (program.via === 'exec' && execs !== true) {
    throw new BenchError(
      'usage',
      `Expected an engine that can start ${program.args[0] ?? 'a program'} in a running container, got ${facts.name}`,
      { hint: 'Use --engine runc or crun, or --via run.' },
    );
  }
}

/**
 * Refuses an arm whose filter is to be made in a way of its own, for an engine that leaves that to its runtime. Throws
 * `usage`.
 */
export function assertMaking({ facts, makesFilters }: Pick<Engine, 'facts' | 'makesFilters'>, arm: string): void {
  if (makesFilters === true) return;
  throw new BenchError(
    'usage',
    `Expected the built-in engine for arm ${arm}, got ${facts.name}, which makes and loads its filters itself`,
    {
      hint: 'Use --engine namespaces, or leave the arm out of --arms.',
    },
  );
}

function unfit(engine: string, { args }: ContainerProgram, wanted: string): BenchError {
  return new BenchError('usage', `Expected ${wanted} to run ${args[0] ?? 'a program'}, got ${engine}`, {
    hint: 'Use --engine runc, crun or namespaces.',
  });
}
