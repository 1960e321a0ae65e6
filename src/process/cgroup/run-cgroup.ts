import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { controllerPlace, removeCgroupFolders } from './cgroups.js';
import type { ControllerPlace } from './cgroups.js';

/** A controller, and the file that holds its limit by the version of the hierarchy. */
const LIMIT_FILES = {
  pids: { 1: 'pids.max', 2: 'pids.max' },
  memory: { 1: 'memory.limit_in_bytes', 2: 'memory.max' },
} as const;
type Controller = keyof typeof LIMIT_FILES;

/** What a scope of version 2 may be held to besides; a process that leaves the scope would escape that. */
const SCOPE_LIMITS: readonly (readonly [string, RegExp])[] = [
  ['memory.high', /^max$/],
  ['cpu.max', /^max /],
  ['cpuset.cpus', /^$/],
];

/** The cgroup of one controller that this process is in for the length of a run. */
interface Entered {
  readonly controller: Controller;
  readonly file: string;
  readonly folder: string;
  /** Where this process was before. */
  readonly from: string;
  /** The limit there, which is never exceeded. */
  readonly most: number;
}

/**
 * One cgroup for everything that this process starts, with this process in it: children are born in it, so limits cost
 * nothing on the timed path, where moving every child takes a grace period of the kernel (milliseconds of wall time).
 * Engines that are open at the same time share it.
 */
export class RunCgroup {
  readonly #entered: readonly Entered[];
  readonly #refusals: ReadonlyMap<Controller, string>;

  private constructor(entered: readonly Entered[], refusals: ReadonlyMap<Controller, string>) {
    this.#entered = entered;
    this.#refusals = refusals;
  }

  /** Enters it, with `limits`. What cannot be limited is told by `refusal`. Never throws. */
  static enter(runId: string, limits: Readonly<Record<Controller, number>>): RunCgroup {
    shared ??= { cgroup: RunCgroup.#make(`${runId}-limits`, limits), users: 0 };
    shared.users += 1;
    return shared.cgroup;
  }

  static #make(name: string, limits: Readonly<Record<Controller, number>>): RunCgroup {
    const entered: Entered[] = [];
    const refusals = new Map<Controller, string>();
    for (const controller of ['pids', 'memory'] as const) {
      const made = enterOne(controller, name, limits[controller], entered);
      if (typeof made === 'string') refusals.set(controller, made);
      else entered.push(made);
    }
    return new RunCgroup(entered, refusals);
  }

  /** Why a controller does not limit the run; `undefined` where it does. */
  refusal(controller: Controller): string | undefined {
    return this.#refusals.get(controller);
  }

  /** Sets another limit; not on the timed path. */
  limit(controller: Controller, most: number): void {
    const own = this.#entered.find((one) => one.controller === controller);
    if (own !== undefined) writeFileSync(own.file, String(Math.min(most, own.most)));
  }

  /** Goes back to where this process was, once every engine has left. What stays is found by the run's id. */
  async leave(): Promise<void> {
    if (shared?.cgroup !== this) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    shared = undefined;
    for (const { from } of this.#entered) {
      try {
        writeFileSync(join(from, 'cgroup.procs'), String(process.pid));
      } catch {
        // It is gone, for example with the session that bench was started in.
      }
    }
    await removeCgroupFolders([...new Set(this.#entered.map(({ folder }) => folder))]);
  }
}

let shared: { readonly cgroup: RunCgroup; users: number } | undefined;

/** Gives why it is not possible. */
function enterOne(controller: Controller, name: string, most: number, before: readonly Entered[]): Entered | string {
  const place = controllerPlace(controller);
  if (place === null) return `no cgroup hierarchy has the ${controller} controller`;
  const refused = refusalOf(place, controller, before);
  if (refused !== undefined) return refused;
  const own = before.find(({ folder }) => folder === place.folder);
  const from = own?.from ?? place.folder;
  const folder = own?.folder ?? join(place.version === 1 ? from : parentOf(place), name);
  const file = join(folder, LIMIT_FILES[controller][place.version]);
  const already = Number(contentOf(join(from, LIMIT_FILES[controller][place.version])) ?? 'max');
  const limit = Number.isNaN(already) ? Infinity : already;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, String(Math.min(most, limit)));
    if (own === undefined) writeFileSync(join(folder, 'cgroup.procs'), String(process.pid));
    return { controller, file, folder, from, most: limit };
  } catch (error) {
    if (own === undefined) removeEmpty(folder);
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not make cgroups';
  return code === 'EROFS' ? 'cgroups are read-only here' : `the cgroup of the run could not be limited: ${code}`;
}

/** Where a cgroup with a controller may be made, and the version of its hierarchy. */
export interface NewPlace {
  readonly version: 1 | 2;
  readonly parent: string;
}

/** Where this process may make a cgroup with a controller, or why it may not. */
export function placeForNew(controller: Controller): NewPlace | string {
  const place = controllerPlace(controller);
  if (place === null) return `no cgroup hierarchy has the ${controller} controller`;
  return (
    refusalOf(place, controller, []) ?? {
      version: place.version,
      parent: place.version === 1 ? place.folder : parentOf(place),
    }
  );
}

/**
 * A cgroup of version 2 that has processes passes no controllers on, unless it is the root of the hierarchy (the
 * kernel's admin-guide/cgroup-v2, "No Internal Process Constraint"), so the run's is next to it.
 */
const parentOf = ({ folder, mount }: ControllerPlace): string =>
  folder === mount || dirname(folder).length < mount.length ? mount : dirname(folder);

function refusalOf(place: ControllerPlace, controller: Controller, before: readonly Entered[]): string | undefined {
  if (place.version === 1 || before.some(({ folder }) => folder === place.folder)) return undefined;
  const passed = contentOf(join(parentOf(place), 'cgroup.subtree_control'))?.split(/\s+/) ?? [];
  if (!passed.includes(controller)) return `the cgroup of bench is given no ${controller} controller`;
  const limit = SCOPE_LIMITS.find(([file, none]) => {
    const text = contentOf(join(place.folder, file));
    return text !== null && !none.test(text);
  });
  return limit === undefined
    ? undefined
    : `bench itself is limited by ${limit[0]} of its cgroup, which it must not leave`;
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It was not made.
  }
}
