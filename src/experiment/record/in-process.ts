import { BenchError } from '../../errors.js';
import { buildFilter, buildInProcess, loadTime } from '../../filter/index.js';
import type { ArmEvidence, InProcessTimes } from '../../model/run/evidence.js';
import { timeInProcess } from '../../results/in-process.js';
import type { InProcessTask } from '../../results/in-process.js';
import type { FittedArm } from '../arms/fit.js';

/** Enough for a median of 15; building the largest filter takes 50 ms. */
const REPETITION = { rounds: 5, calls: 3 };

/**
 * The evidence with what converting, serialising, building and loading cost in this process, through the library the
 * runtime uses, to be compared with the difference seen from outside. Copies cost what their originals do, and are not
 * timed.
 */
export async function timeArms(
  arms: readonly FittedArm[],
  evidence: readonly ArmEvidence[],
  machine: string,
): Promise<readonly ArmEvidence[]> {
  const originals = arms.filter(({ arm }, index) => arms.findIndex((other) => other.arm.text === arm.text) === index);
  const times = await timesOfAll(originals, machine);
  if (times === null) return evidence;
  return evidence.map((own) =>
    originals.some(({ name }) => name === own.arm) ? { ...own, inProcess: timesOf(own.arm, times) } : own,
  );
}

/**
 * `null` where libseccomp refuses a spec as a whole (LXC loads its sections one by one), or a filter cannot be loaded
 * here.
 */
async function timesOfAll(arms: readonly FittedArm[], machine: string): Promise<ReadonlyMap<string, number> | null> {
  try {
    return await timeInProcess(
      arms.flatMap((settled) => tasksOf(settled, machine)),
      REPETITION,
    );
  } catch (error) {
    if (error instanceof BenchError) return null;
    throw error;
  }
}

function tasksOf({ name, arm }: FittedArm, machine: string): readonly InProcessTask[] {
  const { spec, remake } = arm;
  if (spec === null || remake === undefined) return [];
  const { program } = buildFilter(spec, machine);
  return [
    { name: `${name} convert`, run: remake.convert },
    { name: `${name} serialise`, run: remake.serialise },
    { name: `${name} build`, run: () => buildInProcess(spec, machine) },
    { name: `${name} load`, run: async () => ({ ownNs: await loadTime(program) }) },
  ];
}

/** An arm without seccomp has nothing to do. */
function timesOf(arm: string, times: ReadonlyMap<string, number>): InProcessTimes {
  const of = (step: string): number => Math.round(times.get(`${arm} ${step}`) ?? 0);
  return { convertNs: of('convert'), serialiseNs: of('serialise'), buildNs: of('build'), loadNs: of('load') };
}
