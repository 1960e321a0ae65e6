import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { Engine } from '../../model/container/container.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import type { ChangedProgram, UsedProgram } from '../../model/run/program/used-program.js';
import { findProgram } from '../../process/files/find.js';
import { linkedLibrary } from '../../process/library/linked.js';
import type { SessionContext } from './session.js';

const LIBRARY = 'libseccomp.so.2';

/** The programs of a run, noted when it began, and whether they still are the same. */
export interface ProgramWatch {
  readonly programs: readonly UsedProgram[];
  /** The first that is another one now. Costs a few microseconds as long as no file was touched. */
  readonly changed: () => ChangedProgram | null;
}

type Named = Pick<UsedProgram, 'role' | 'path'>;

/**
 * Notes what makes the containers of a run, as far as it is on this machine: runtimes (that beneath a daemon too),
 * commands in their place, and the libseccomp that each is linked with or was given.
 */
export async function notePrograms(
  engine: Pick<Engine, 'facts' | 'host'>,
  arms: readonly ArmDefinition[],
  context: Pick<SessionContext, 'env' | 'cwd'>,
): Promise<ProgramWatch> {
  const runtimes = runtimesOf(engine, arms, context);
  const libraries = await Promise.all(runtimes.map((path) => libraryOf(path, context.env)));
  const named: readonly Named[] = [
    ...runtimes.map((path) => ({ role: 'runtime', path }) as const),
    ...unique([...libraries.flat(), ...arms.flatMap(({ libseccomp }) => libseccomp ?? [])]).map(
      (path) => ({ role: 'library', path }) as const,
    ),
  ];
  return watchPrograms(named.flatMap((one) => noted(one) ?? []));
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];

function runtimesOf(
  { facts, host }: Pick<Engine, 'facts' | 'host'>,
  arms: readonly ArmDefinition[],
  { env, cwd }: Pick<SessionContext, 'env' | 'cwd'>,
): readonly string[] {
  // The path beneath a daemon elsewhere is one of its machine.
  const beneath = host === undefined ? (facts.runtime?.path ?? null) : null;
  const ofArms = arms.flatMap(({ runtime, command }) => [runtime, command?.[0]]);
  const own = arms.every(({ command }) => command === undefined) ? facts.path : null;
  return unique(
    [own, beneath, ...ofArms].flatMap((program) =>
      typeof program === 'string' ? (findProgram(program, env['PATH'], cwd) ?? []) : [],
    ),
  );
}

async function libraryOf(program: string, env: SessionContext['env']): Promise<readonly string[]> {
  try {
    const linked = await linkedLibrary(program, LIBRARY, env);
    return linked.kind === 'shared' ? [linked.path] : [];
  } catch {
    // Not readable for this user: then the library is not known, and nobody says that it stayed the same.
    return [];
  }
}

/** `undefined` for what this user cannot read, which cannot be compared later. */
function noted({ role, path }: Named): UsedProgram | undefined {
  try {
    const stat = statSync(path);
    return { role, path, ...identityOf(stat), sha256: hashOf(path) };
  } catch {
    return undefined;
  }
}

const identityOf = ({ dev, ino, size, mtime }: Stats) => ({
  device: dev,
  inode: ino,
  sizeBytes: size,
  modifiedAt: mtime.toISOString(),
});

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Compares files with what was noted of them: their bytes are only read again once anything else differs. */
function watchPrograms(programs: readonly UsedProgram[]): ProgramWatch {
  const seen = new Map(programs.map((program) => [program.path, keyOf(statOf(program.path))]));
  return {
    programs,
    changed: () => {
      for (const { path, sha256 } of programs) {
        const stat = statOf(path);
        const key = keyOf(stat);
        if (stat !== undefined && key === seen.get(path)) continue;
        const now = stat === undefined ? null : readableHash(path);
        if (now !== sha256) return { path, before: sha256, after: now };
        // Only touched, or installed again with the same bytes.
        seen.set(path, key);
      }
      return null;
    },
  };
}

/** The time of the last change of the inode too: a write in place may set back the time of the content. */
const keyOf = (stat: Stats | undefined): string =>
  stat === undefined ? '' : [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ');

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function readableHash(path: string): string | null {
  try {
    return hashOf(path);
  } catch {
    return null;
  }
}
