import { setTimeout as wait } from 'node:timers/promises';
import { libseccompVersion } from '../filter/index.js';
import { EMULATION_VARIABLE, readHostUse, takeFingerprint, watchLogging } from '../host/index.js';
import { packageVersion } from '../package.js';
import type { HostReading } from '../model/host/use.js';
import type { LoggingFacts } from '../model/results/percall/action-price.js';
import type { HostFingerprint } from '../model/results/result.js';
import type { PauseWatch } from '../model/run/pause.js';
import type { Calendar, Clock } from '../model/time.js';
import { hidesUnifiedCgroup } from '../process/mount-namespace.js';
import { watchPauses } from '../process/pauses/watch.js';
import { chooseCounter } from '../tracing/index.js';
import { pinningHere } from './pin.js';
import type { Pinning } from './pin.js';
import { sessionParts } from './session/open.js';
import { otherRuns } from './session/other-runs.js';
import type { SessionParts } from './session/session.js';

/** What an experiment takes from the machine it runs on; tests put their own in place. */
export interface ExperimentParts extends SessionParts {
  readonly calendar: Calendar;
  /** Waits, until the signal ends it; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** What the numbers depend on. */
  readonly fingerprint: (env: Readonly<Record<string, string | undefined>>) => HostFingerprint;
  /** Begins to notice when this process or its machine stands still. */
  readonly watchPauses: (clock: Clock) => PauseWatch;
  /** How busy this machine is now. */
  readonly readHostUse: () => HostReading;
  /** Begins to watch what becomes of calls that a filter logs here. */
  readonly watchLogging: () => { readonly facts: (tried: number) => LoggingFacts };
  /** Ids of other live runs of bench on this machine. */
  readonly otherRuns: (cwd: string) => readonly string[];
  readonly chooseCounter: typeof chooseCounter;
  /** Of this process, where a pilot chooses whether everything shares one core. */
  readonly pinning: Pinning;
}

/** The real ones, with a clock that starts now. */
export const realParts = (): ExperimentParts => ({
  ...sessionParts(),
  calendar: () => new Date(),
  sleep: sleepUntilAborted,
  fingerprint: (env) =>
    ofTheHost(
      takeFingerprint({
        bench: packageVersion(),
        libseccomp: libseccompVersion(),
        emulation: env[EMULATION_VARIABLE],
      }),
    ),
  watchPauses: (clock) => watchPauses(clock),
  readHostUse: () => readHostUse(),
  watchLogging,
  otherRuns,
  chooseCounter,
  pinning: pinningHere(),
});

/** What bench hides from itself for crun's sake is there on the host, and a later part of the run sees it. */
const ofTheHost = (own: HostFingerprint): HostFingerprint =>
  hidesUnifiedCgroup() && own.cgroup === 'v1' ? { ...own, cgroup: 'hybrid' } : own;

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
