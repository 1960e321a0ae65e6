import type { Io } from '../../model/io.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { KeptProfile, NotTaken, WorkloadFindings } from '../../model/results/workload-findings.js';
import type { ResultWriter } from '../../results/index.js';
import { say } from '../../cli/output/announce.js';
import { keepProfiles } from './keep-profiles.js';
import type { ReadyRun } from '../record/record.js';
import type { MeasureOptions } from '../../cli/options/settings.js';
import type { SettledProgram } from '../arms/fit-program.js';
import { takePrices, takeTouched } from './prices.js';
import { takeRates } from './rates.js';
import { takeStarts } from './starts.js';

/** A recorded run of a program. */
export type ProgramRun = ReadyRun & { readonly settled: SettledProgram };

/** A part of the findings: what was found, or why not. */
export interface Found<Item> {
  readonly items: readonly Item[];
  readonly notTaken: readonly NotTaken[];
}

/**
 * After the timed blocks, in runs of their own: what a start alone costs, how often the program calls the kernel, what
 * its profile is. What cannot be found out is said and takes nothing away.
 */
export async function explainProgram(
  run: ProgramRun,
  writer: ResultWriter,
  options: MeasureOptions,
  io: Io,
): Promise<void> {
  // A signal may come at any time.
  const goesOn = (): boolean => options.explain !== false && !io.signal.aborted;
  const starts = goesOn() ? await takeStarts(run, io) : NOTHING;
  const rates = goesOn() ? await takeRates(run, io) : NOTHING;
  const { prices, notTaken: unpriced } = goesOn() ? await takePrices(run, io) : { prices: null, notTaken: [] };
  const touched = goesOn() ? await takeTouched(run, io) : NOTHING;
  const profiles: Found<KeptProfile> =
    options.profileWith === undefined || io.signal.aborted
      ? NOTHING
      : await keepProfiles(run, options.profileWith, writer, io);
  const findings: WorkloadFindings = {
    formatVersion: FORMAT_VERSION,
    program: run.settled.program,
    starts: starts.items,
    rates: rates.items,
    prices,
    touch: touched.items,
    profiles: profiles.items,
    notTaken: [...starts.notTaken, ...rates.notTaken, ...unpriced, ...touched.notTaken, ...profiles.notTaken],
  };
  for (const { what, reason } of findings.notTaken) say(io, `not taken: `, `${what}: ${reason}`);
  writer.writeWorkload(findings);
}

const NOTHING: Found<never> = { items: [], notTaken: [] };
