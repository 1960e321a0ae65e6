import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import type { FindingsRequest, TouchPoint } from '../../model/experiment/request.js';
import { PROFILERS } from '../../model/results/workload-findings.js';
import type { Profiler } from '../../model/results/workload-findings.js';
import { parseCountingRuns } from './counting.js';
import type { RawCounting } from './counting.js';
import { choice, option } from './option.js';

export interface RawFindings {
  readonly profileWith?: Profiler;
  /** `0,1,8:random`. */
  readonly touch?: string;
  readonly explain?: boolean;
}

const MOST_MIB = 1024;

/** What is found out about a program besides its times: `--profile-with`, `--touch`, `--no-explain`. */
export function declareFindings(command: Command): Command {
  return command
    .addOption(
      choice('--profile-with <profiler>', 'also profile the program under each arm, in untimed runs', 'program', {
        values: PROFILERS,
        kind: 'a profiler',
      }),
    )
    .addOption(
      option(
        '--touch <list>',
        'also time a call after touching this much memory, in MiB: 0,1,8:random,64:sequential',
        'program',
      ),
    )
    .addOption(
      option(
        '--no-explain',
        'only time the program: do not count or price system calls, do not time a start alone',
        'program',
      ),
    );
}

/** `counting`: how a program's calls are counted even where `--count-syscalls` does not ask for it. Throws `usage`. */
export const parseFindings = (
  { profileWith, touch, explain = true }: RawFindings,
  counting: RawCounting = {},
): FindingsRequest => ({
  ...countingWish(counting),
  explain,
  touch: touch === undefined ? [] : touch.split(',').map((entry) => touchPoint(entry, touch)),
  profiler: profileWith ?? null,
});

function countingWish(raw: RawCounting): Pick<FindingsRequest, 'counter' | 'repeats'> {
  const { counter, repeats } = parseCountingRuns(raw);
  return {
    ...(raw.countWith === undefined ? {} : { counter }),
    ...(repeats === null ? {} : { repeats }),
  };
}

function touchPoint(entry: string, all: string): TouchPoint {
  const [, size, order = 'sequential'] = /^\s*(\d{1,4}(?:\.\d+)?)(?::(random|sequential))?\s*$/.exec(entry) ?? [];
  const mib = Number(size ?? Number.NaN);
  if (mib <= MOST_MIB && (order === 'random' || order === 'sequential')) return { mib, order };
  throw invalidValue(
    '--touch',
    'a list of MIB, MIB:random or MIB:sequential, separated by commas',
    `"${entry}" in "${all}"`,
    { hint: `For example --touch 0,1,8:random; at most ${MOST_MIB} MiB.` },
  );
}

/** Of a scenario without a program: there is nothing to find out besides the times. */
export const NO_FINDINGS: FindingsRequest = { explain: false, touch: [], profiler: null };
