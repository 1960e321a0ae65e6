import { parseArgs } from 'node:util';
import { Failure } from '../shared/failure.mjs';
import { ENGINE_NAMES } from './targets.mjs';

export const USAGE = `npm run soak -- KIND [--count N] [--seed N] [--engines LIST] [--publish]

Tries bench for a long time, or with much that is wrong, and tells in a table what became of it.

  kills   ends real runs by signals at random moments, then bench clean (N runs, default 100)
  faults  runtimes and Docker APIs that fail, hang or tell garbage (N of them, default all)
  fuzz    hostile texts and files at every door (N of them, default 2000)
  load    10,000 containers in one run (5,000 on runc), 2,000 in a batch, 1,000 in flight (N percent of these,
          default 100), and how memory, files and the time between containers grow
  hour    kills a run every --every seconds (default 30) for --minutes (default 60), with bench clean and
          bench resume in between

  --count N       how many; what the default is stands above
  --seed N        of the random numbers (default: drawn, and printed)
  --engines LIST  kills, load: only these of ${ENGINE_NAMES.join(', ')};
                  hour: the one to use (default: runc)
  --only TEXT     faults: only those with this in their names
  --work DIR      where runs have their folders (default: TMPDIR)
  --out FILE      writes the table there, as Markdown
  --publish       writes the table into docs/soak.md

The last line is \`N passed, N failed, N skipped\`; exit code 0: all held; 1: something did not; 2: this machine lacks
something; 130: stopped.
`;

const COUNTS = { kills: 100, faults: Infinity, fuzz: 2000, load: 100, hour: 1 };
const KINDS = Object.keys(COUNTS);

/**
 * What every kind is given.
 * @typedef {object} Soak
 * @property {number} count
 * @property {number} seed
 * @property {(low: number, high: number) => number} draw a whole number between both, these included
 * @property {string} work a folder of this process
 * @property {import('../shared/tally.mjs').Tally} tally
 * @property {AbortSignal} signal
 * @property {(text: string) => void} say
 * @property {string[] | undefined} engines
 * @property {string} only
 * @property {number} minutes
 * @property {number} everySeconds
 */

/** @param {readonly string[]} argv */
export function readSettings(argv) {
  const { values, positionals } = parsed(argv);
  const [kind] = positionals;
  if (values.help === true) return null;
  if (kind === undefined || positionals.length !== 1 || !KINDS.includes(kind))
    throw usage(`expected one of ${KINDS.join(', ')}, got ${positionals.join(' ') || 'nothing'}`);
  const engines = values.engines?.split(',');
  const unknown = engines?.find((name) => !ENGINE_NAMES.includes(name));
  if (unknown !== undefined) throw usage(`--engines: unknown engine "${unknown}"`);
  return {
    kind,
    count: number('--count', values.count, COUNTS[kind]),
    seed: number('--seed', values.seed, Math.floor(Math.random() * 2 ** 31)),
    minutes: number('--minutes', values.minutes, 60),
    everySeconds: number('--every', values.every, 30),
    engines,
    only: values.only ?? '',
    work: values.work,
    out: values.out,
    publish: values.publish === true,
  };
}

function parsed(argv) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        count: { type: 'string' },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        every: { type: 'string' },
        engines: { type: 'string' },
        out: { type: 'string' },
        only: { type: 'string' },
        work: { type: 'string' },
        publish: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usage(error.message);
  }
}

function number(name, text, otherwise) {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || text.trim() === '')
    throw usage(`${name}: expected a number, got ${text}`);
  return value;
}

const usage = (message) => new Failure(2, message, 'npm run soak -- --help');
