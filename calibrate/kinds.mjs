// What one simulation of each kind does. A kind gets a cell and its random stream, and gives a function that runs once
// and returns whether it came out as asked, and how many blocks it took.
import {
  estimateOf,
  familyVerdicts,
  MARGIN,
  mostBlocksFor,
  plannedBlocks,
  runUntil,
  verdictOf,
  widthFor,
} from './estimates.mjs';
import { drawnBlocks, duetEstimate, simulatedBlocks } from './duet.mjs';
import { blockSource, take } from './noises.mjs';
import { populationValue } from './population.mjs';
import { recordedLogs, resampledSource } from './recordings.mjs';

const EDGE = Math.log1p(MARGIN);
const isCalled = (verdict) => verdict === 'faster' || verdict === 'slower';
const covers = ({ low, high }, value) => low <= value && value <= high;

const SHIFT = 0.01;

/**
 * Two modes scatter more than the other kinds of noise; equivalence within the margin can only pass wrongly where it
 * could pass at all.
 */
const LESS_LOUD = { bimodal: 0.4, 'bimodal, blurred': 0.4 };
const scaleOf = (noise) => LESS_LOUD[noise] ?? 1;

export const KINDS = {
  /** The 95 % interval holds the population's value of the estimator. */
  coverage({ noise, blocks }, random) {
    const options = { shift: SHIFT, ownShape: true };
    const truth = populationValue(noise, blocks, options);
    return () => ({ hit: covers(estimateOf(take(blockSource(noise, random, options), blocks)), truth) });
  },

  /** Equal arms are called faster or slower. */
  falseDifference:
    ({ noise, blocks }, random) =>
    () => ({ hit: isCalled(verdictOf(estimateOf(take(blockSource(noise, random, {}), blocks)))) }),

  /**
   * Any of ten rows (five equal arms in two metrics, all against the same baseline and control) is called faster or
   * slower after Holm.
   */
  falseInFamily:
    ({ noise, blocks }, random) =>
    () => {
      const arms = 7;
      const cpu = take(blockSource(noise, random, { arms }), blocks, arms);
      const waiting = take(blockSource('normal', random, { arms }), blocks, arms);
      const wall = cpu.map((series, arm) => series.map((log, i) => log + waiting[arm][i]));
      const rows = [cpu, wall].flatMap(([baseline, control, ...compared]) =>
        compared.map((arm) => estimateOf([baseline, control, arm])),
      );
      return { hit: familyVerdicts(rows).some(isCalled) };
    },

  /**
   * An arm that differs by just the margin passes the test of equivalence, at so little noise that equal arms would.
   * The test alone, which is
   * stricter than the verdict: that is equivalent only where no difference is shown either.
   */
  falseEquivalent:
    ({ noise, blocks }, random) =>
    () => {
      const shift = random.uniform() < 0.5 ? EDGE : -EDGE;
      return {
        hit: estimateOf(
          take(blockSource(noise, random, { shift, scale: 0.25 * Math.sqrt(blocks / 50) * scaleOf(noise) }), blocks),
        ).equivalent,
      };
    },

  /** A pilot names a count; a run of that count finds the effect. */
  planned:
    ({ noise, blocks, power }, random) =>
    () => {
      const source = (shift) => blockSource(noise, random, { shift });
      const { blocks: needed } = plannedBlocks(source(0), blocks, SHIFT, power);
      return { hit: verdictOf(estimateOf(take(source(Math.log1p(SHIFT)), needed))) === 'slower', blocks: needed };
    },

  /**
   * The same on noise whose loudness wanders: the cautious count and half as many again are the most, and the run ends
   * by its own half width.
   */
  replanned:
    ({ noise, blocks, power }, random) =>
    () => {
      const source = blockSource(noise, random, { shift: Math.log1p(SHIFT) });
      const most = mostBlocksFor(plannedBlocks(source, blocks, SHIFT, power));
      const { estimate, blocks: taken } = runUntil({ kind: 'halfWidth', width: widthFor(SHIFT, power) }, source, most);
      return { hit: verdictOf(estimate) === 'slower', blocks: taken };
    },

  /** A run that ends by its half width covers what it estimates. */
  untilWidth:
    ({ noise, width }, random) =>
    () => {
      const { estimate, blocks } = runUntil({ kind: 'halfWidth', width }, blockSource(noise, random, {}), 2000);
      return { hit: covers(estimate, 0), blocks };
    },

  /** A run until decided calls equal arms different. */
  decidedFalseDifference:
    ({ noise, blocks: most }, random) =>
    () => {
      const { estimate, blocks } = runUntil({ kind: 'decided' }, blockSource(noise, random, {}), most);
      return { hit: isCalled(verdictOf(estimate)), blocks };
    },

  /** Arms that differ by the margin pass the test of equivalence at the end of a run until decided. */
  decidedFalseEquivalent:
    ({ noise, blocks: most }, random) =>
    () => {
      const { estimate, blocks } = runUntil(
        { kind: 'decided' },
        blockSource(noise, random, { shift: EDGE, scale: 0.25 * Math.sqrt(most / 50) * scaleOf(noise) }),
        most,
      );
      return { hit: estimate.equivalent, blocks };
    },

  /** Blocks of a recording, drawn again, with the arms' names shuffled: equal arms called faster or slower. */
  recordedFalseDifference({ recording, metric, blocks }, random) {
    const source = resampledSource(recordedLogs(recording, metric), random);
    return () => ({ hit: isCalled(verdictOf(estimateOf(take(source, blocks)))) });
  },

  /** The same with a true shift: the interval holds it. */
  recordedCoverage({ recording, metric, blocks }, random) {
    const source = resampledSource(recordedLogs(recording, metric), random, SHIFT);
    return () => ({ hit: covers(estimateOf(take(source, blocks)), SHIFT) });
  },

  /** Duet blocks: the interval holds the shift. */
  duetCoverage({ noise, blocks }, random) {
    const draw = simulatedBlocks(noise, random, SHIFT);
    return () => ({ hit: covers(duetEstimate(draw(blocks)), SHIFT) });
  },

  /** Duet blocks of equal arms that are called faster or slower. */
  duetFalseDifference({ noise, blocks }, random) {
    const draw = simulatedBlocks(noise, random);
    return () => ({ hit: isCalled(verdictOf(duetEstimate(draw(blocks)))) });
  },

  /** Duet blocks of a recording, drawn again, with a true shift: the interval holds it. */
  recordedDuetCoverage({ recording, metric, blocks, shift }, random) {
    const draw = drawnBlocks(recording, metric, random, shift);
    return () => ({ hit: covers(duetEstimate(draw(blocks)), shift) });
  },

  /** The same without a shift, called faster or slower. */
  recordedDuetFalse({ recording, metric, blocks }, random) {
    const draw = drawnBlocks(recording, metric, random);
    return () => ({ hit: isCalled(verdictOf(duetEstimate(draw(blocks)))) });
  },

  /**
   * A pilot of consecutive recorded blocks names a count; so many blocks drawn from all of the recording find the
   * effect.
   */
  recordedPlanned({ recording, metric, blocks, power, effect }, random) {
    const logs = recordedLogs(recording, metric);
    const source = resampledSource(logs, random, Math.log1p(effect));
    return () => {
      const from = random.below(logs[0].length - blocks);
      let next = from;
      const pilot = (values) => {
        values.forEach((_, arm) => {
          values[arm] = logs[arm][next];
        });
        next += 1;
      };
      const { cautious } = plannedBlocks(pilot, blocks, effect, power);
      return { hit: verdictOf(estimateOf(take(source, cautious))) === 'slower', blocks: cautious };
    };
  },
};
