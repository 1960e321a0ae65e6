import { invalidValue } from '../../../errors.js';
import type { ArchitecturePolicy } from '../../../model/profile/seccomp.js';
import { LIMITS } from '../../../model/run/limits.js';
import { parseConversion, parseProfile } from '../../options/conversion.js';
import type { RawConversion, RawProfile } from '../../options/conversion.js';
import { parseEngine } from '../../options/engine.js';
import type { RawEngine } from '../../options/engine.js';
import { parseJson, parseQuiet } from '../../options/output.js';
import type { RawJson, RawQuiet, RawResults } from '../../options/output.js';
import { parseRun } from '../../options/run.js';
import type { RawRun } from '../../options/run.js';
import { wholeNumber } from '../../options/values.js';

/** What was typed. */
export type RawPrice = RawProfile &
  RawEngine &
  RawConversion &
  Omit<RawRun, 'stages'> &
  RawResults &
  RawQuiet &
  RawJson & {
    readonly policy: ArchitecturePolicy;
    readonly against?: string;
    readonly prices?: string;
    readonly blocks: string;
    readonly all?: boolean;
  };

/** What to price, and with which prices. */
export type PriceOptions = ReturnType<typeof parsePrice>;

/** All that was typed, checked. Throws `usage` and `environment`. */
export function parsePrice(table: string, raw: RawPrice, isPolicyGiven: boolean) {
  const { profile, dialect } = parseProfile(raw);
  const { against, policy, prices } = raw;
  if ([profile, against].includes('-'))
    throw invalidValue('a profile', 'a file', 'standard input, which can be read only once', {
      hint: 'Write it to a file first.',
    });
  return {
    table,
    profile,
    against,
    dialect,
    policy,
    isPolicyGiven,
    prices: prices ?? null,
    blocks: wholeNumber('--blocks', raw.blocks, LIMITS.count),
    engine: parseEngine(raw),
    conversion: parseConversion(raw),
    run: parseRun(raw),
    output: { resultsFolder: raw.results, quiet: parseQuiet(raw) },
    json: parseJson(raw),
    all: raw.all === true,
  };
}
