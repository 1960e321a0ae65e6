// All cells of the calibration: what is simulated, what is promised of it.
import { duetRecordingNames } from './duet.mjs';
import { NOISES } from './noises.mjs';
import { recordingNames } from './recordings.mjs';

const BLOCKS = [20, 50, 200, 500];
const noises = Object.keys(NOISES);
/** Noise that does not change its loudness: a plan from a pilot can only speak for that. */
const steady = noises.filter((name) => NOISES[name].drift === undefined);
const POWERS = [0.8, 0.9];
const DUET_SHIFTS = [0.006, 0.01];

const COVERAGE = { low: 0.93, high: 0.97 };
const ERROR = { low: 0, high: 0.05 };
const around = (power) => ({ low: power - 0.03, high: power + 0.03 });
const atLeast = (power) => ({ low: power - 0.03, high: 1 });

const cell = (kind, about, wanted, parts) => ({
  id: [kind, ...Object.values(parts)].join(' '),
  kind,
  about,
  wanted,
  ...parts,
});

/** In the order of the table. */
export const CELLS = [
  ...noises.flatMap((noise) =>
    BLOCKS.map((blocks) => cell('coverage', 'coverage of the 95 % interval', COVERAGE, { noise, blocks })),
  ),
  ...noises.flatMap((noise) =>
    BLOCKS.map((blocks) => cell('falseDifference', 'equal arms called faster or slower', ERROR, { noise, blocks })),
  ),
  ...noises.flatMap((noise) =>
    [50, 200].map((blocks) => cell('falseInFamily', 'the same after Holm, any of 10 rows', ERROR, { noise, blocks })),
  ),
  ...noises.flatMap((noise) =>
    BLOCKS.map((blocks) =>
      cell('falseEquivalent', 'arms that differ by the margin pass as equivalent', ERROR, { noise, blocks }),
    ),
  ),
  ...POWERS.flatMap((power) =>
    steady.flatMap((noise) =>
      [30, 100].map((blocks) =>
        cell(
          'planned',
          `effect of 1 % found at the count planned from a pilot (promise ${100 * power} %)`,
          around(power),
          { noise, blocks, power },
        ),
      ),
    ),
  ),
  ...POWERS.flatMap((power) =>
    noises.map((noise) =>
      cell(
        'replanned',
        `effect of 1 % found by a run that ends by its half width (promise ${100 * power} %)`,
        around(power),
        { noise, blocks: 30, power },
      ),
    ),
  ),
  ...noises.flatMap((noise) =>
    [0.015, 0.01].map((width) => cell('untilWidth', 'coverage, run ended by --until', COVERAGE, { noise, width })),
  ),
  ...noises.map((noise) =>
    cell('decidedFalseDifference', 'equal arms called different, run until decided', ERROR, { noise, blocks: 500 }),
  ),
  ...noises.map((noise) =>
    cell('decidedFalseEquivalent', 'arms that differ by the margin pass as equivalent, run until decided', ERROR, {
      noise,
      blocks: 500,
    }),
  ),
  ...recordingNames().flatMap((recording) =>
    ['cpu', 'wall'].flatMap((metric) => [
      ...BLOCKS.map((blocks) =>
        cell('recordedCoverage', 'recorded noise: coverage of the 95 % interval', COVERAGE, {
          recording,
          metric,
          blocks,
        }),
      ),
      ...BLOCKS.map((blocks) =>
        cell('recordedFalseDifference', 'recorded noise: equal arms called faster or slower', ERROR, {
          recording,
          metric,
          blocks,
        }),
      ),
    ]),
  ),
  ...recordingNames().flatMap((recording) =>
    POWERS.map((power) =>
      cell(
        'recordedPlanned',
        `recorded noise: effect of 2 % found at the cautious count of a pilot (promise ${100 * power} %)`,
        atLeast(power),
        { recording, metric: 'cpu', blocks: 30, power, effect: 0.02 },
      ),
    ),
  ),
  ...noises.flatMap((noise) =>
    BLOCKS.map((blocks) =>
      cell('duetCoverage', 'duet blocks: coverage of the 95 % interval', COVERAGE, { noise, blocks }),
    ),
  ),
  ...noises.flatMap((noise) =>
    BLOCKS.map((blocks) =>
      cell('duetFalseDifference', 'duet blocks: equal arms called faster or slower', ERROR, { noise, blocks }),
    ),
  ),
  ...duetRecordingNames().flatMap((recording) =>
    ['cpu', 'wall'].flatMap((metric) => [
      ...DUET_SHIFTS.flatMap((shift) =>
        BLOCKS.map((blocks) =>
          cell('recordedDuetCoverage', `recorded duet blocks: coverage of an injected ${100 * shift} %`, COVERAGE, {
            recording,
            metric,
            blocks,
            shift,
          }),
        ),
      ),
      ...BLOCKS.map((blocks) =>
        cell('recordedDuetFalse', 'recorded duet blocks: equal arms called faster or slower', ERROR, {
          recording,
          metric,
          blocks,
        }),
      ),
    ]),
  ),
];
