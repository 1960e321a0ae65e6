import { FORMAT_VERSION } from '../../model/results/format.js';
import type { KeptProfile, NotTaken, WorkloadFindings } from '../../model/results/workload-findings.js';
import type { ResultWriter } from '../../results/index.js';
import { keepProfiles } from './keep-profiles.js';
import { takePrices, takeTouched } from './prices.js';
import { reasonOf } from './program-run.js';
import type { Found, ProgramRun } from './program-run.js';
import { takeRates } from './rates.js';
import { takeStarts } from './starts.js';

/**
 * After the timed blocks, in separate runs: what a start alone costs, how often the program calls the kernel, what its
 * profile is. What cannot be found out is recorded with its reason; the times are kept even if something goes wrong
 * here.
 */
export async function explainProgram(run: ProgramRun, writer: ResultWriter): Promise<void> {
  const { request, context } = run.proved;
  const { explain, profiler } = request.findings;
  // A signal may come at any time.
  const take = async <Item>(what: NotTaken['what'], wanted: boolean, work: () => Promise<Found<Item>>) =>
    wanted && !context.signal.aborted ? await work().catch((error: unknown) => failed(what, error)) : NOTHING;
  // What a server does is counted per request; a start has no part in that.
  const isServed = run.fitted.program.service !== undefined;
  const starts = await take('starts', explain && !isServed, () => takeStarts(run));
  const rates = await take('rate', explain && !isServed, () => takeRates(run));
  const prices = await take('prices', explain, () => takePrices(run));
  const touched = await take('touch', explain, () => takeTouched(run));
  const profiles: Found<KeptProfile> =
    profiler === null
      ? NOTHING
      : isServed
        ? NO_PROFILES
        : await take('profiles', true, () => keepProfiles(run, profiler, writer));
  const findings: WorkloadFindings = {
    formatVersion: FORMAT_VERSION,
    program: run.fitted.program,
    starts: starts.items,
    rates: rates.items,
    prices: prices.items[0] ?? null,
    touch: touched.items,
    profiles: profiles.items,
    notTaken: [starts, rates, prices, touched, profiles].flatMap(({ notTaken }) => notTaken),
  };
  for (const { what, reason } of findings.notTaken) context.notify({ kind: 'stepSkipped', step: what, reason });
  writer.writeWorkload(findings);
}

/** Profilers follow a program from its start to its end. */
const NO_PROFILES: Found<never> = {
  items: [],
  notTaken: [{ what: 'profiles', reason: 'bench does not profile servers' }],
};

const NOTHING: Found<never> = { items: [], notTaken: [] };

const failed = (what: NotTaken['what'], error: unknown): Found<never> => ({
  items: [],
  notTaken: [{ what, reason: reasonOf(error) }],
});
