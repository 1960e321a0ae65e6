import { BenchError } from '../../errors.js';
import { buildFilter, buildInProcess, loadTime } from '../../filter/index.js';
import type { ArmEvidence, InProcessTimes } from '../../model/run/evidence.js';
import { timeInProcess } from '../../results/in-process.js';
import type { InProcessTask } from '../../results/in-process.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import type { FittedArm } from '../arms/fit.js';
import { buildPlan } from '../arms/prediction.js';

/** Enough for a median of 15; building the largest filter takes 50 ms. */
const REPETITION = { rounds: 5, calls: 3 };

/** Where filters are built for, and what builds those of each arm. */
interface MadeBy {
  readonly machine: string;
  readonly builders: ReadonlyMap<string, FilterBuilder>;
}

/**
 * The evidence with what converting, serialising, building and loading cost in this process, in the form and through the
 * library that the runtime uses, to be compared with the difference seen from outside. Copies cost what their originals do, and are not
 * timed.
 */
export async function timeArms(
  arms: readonly FittedArm[],
  evidence: readonly ArmEvidence[],
  { machine, builders }: MadeBy,
): Promise<readonly ArmEvidence[]> {
  const originals = arms.filter(({ arm }, index) => arms.findIndex((other) => other.arm.text === arm.text) === index);
  const times = await timesOfAll(originals, { machine, builders });
  if (times === null) return evidence;
  return evidence.map((own) =>
    originals.some(({ name }) => name === own.arm) ? { ...own, inProcess: timesOf(own, times) } : own,
  );
}

/**
 * `null` where libseccomp refuses a spec as a whole (LXC loads its sections one by one), or a filter cannot be loaded
 * here.
 */
async function timesOfAll(arms: readonly FittedArm[], made: MadeBy): Promise<ReadonlyMap<string, number> | null> {
  try {
    return await timeInProcess(
      arms.flatMap((settled) => tasksOf(settled, made)),
      REPETITION,
    );
  } catch (error) {
    if (error instanceof BenchError) return null;
    throw error;
  }
}

function tasksOf({ name, arm }: FittedArm, { machine, builders }: MadeBy): readonly InProcessTask[] {
  const { spec, remake, making } = arm;
  const builder = builders.get(name);
  if (spec === null || remake === undefined || builder === undefined) return [];
  const conversion = [
    { name: `${name} convert`, run: remake.convert },
    { name: `${name} serialise`, run: remake.serialise },
  ];
  const plan = buildPlan(spec, builder, making);
  if (plan.state === 'unknown') return conversion;
  const { program } = buildFilter(spec, machine, plan.options);
  return [
    ...conversion,
    { name: `${name} build`, run: () => buildInProcess(spec, machine, plan.options) },
    { name: `${name} load`, run: async () => ({ ownNs: await loadTime(program) }) },
  ];
}

/** An arm without seccomp has nothing to do; of a filter that is not known, its making is not known either. */
function timesOf({ arm, predicted }: ArmEvidence, times: ReadonlyMap<string, number>): InProcessTimes {
  const of = (step: string): number => Math.round(times.get(`${arm} ${step}`) ?? 0);
  const isKnown = predicted.state !== 'unknown';
  return {
    convertNs: of('convert'),
    serialiseNs: of('serialise'),
    buildNs: isKnown ? of('build') : null,
    loadNs: isKnown ? of('load') : null,
  };
}
