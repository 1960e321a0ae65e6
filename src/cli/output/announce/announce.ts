import type { EngineFacts } from '../../../model/container/container.js';
import type { ExperimentEvent } from '../../../model/experiment/events.js';
import type { Io } from '../../../model/io.js';
import type { RunEnd } from '../../../model/results/ledger.js';
import { emulationWarning } from '../../../model/run/emulation.js';
import { duetRefusalWords } from '../../../model/run/duet.js';
import type { DuetCores } from '../../../model/run/duet.js';
import type { Scenario } from '../../../model/run/scenario.js';
import { FIRST_LOOK_BLOCKS, LOOK_EVERY_BLOCKS } from '../../../model/run/stopping.js';
import type { StoppingRule } from '../../../model/run/stopping.js';
import {
  armNoteWords,
  busyWords,
  containmentWords,
  counted,
  engineNames,
  foreknownWords,
  formWords,
  formatCount,
  timePlanSentence,
  uncontainedWords,
  unpricedWords,
} from '../../../report/index.js';
import { describeWork, expectedTime } from '../work.js';
import { announceAnswers, announceArms, announceCache } from './arms.js';
import { blockLine, isBlockEvent, type BlockEvent, type Running } from './blocks.js';
import { announceEnd, pauseTotal } from './ends.js';
import { say } from './say.js';

type EventOf<Kind extends ExperimentEvent['kind']> = Extract<ExperimentEvent, { readonly kind: Kind }>;

/** Printed with `quiet` too: what a user must know to read the result. */
const WARNINGS: readonly ExperimentEvent['kind'][] = [
  'emulated',
  'armNoted',
  'callsLeftOut',
  'answersLeftOut',
  'programFails',
  'armNotCounted',
  'stepSkipped',
  'hostBusy',
  'duetRefused',
  'programChanged',
  'blocksFailed',
  'closed',
];

/** Prints on standard error what an experiment does; `quiet`: only what a user must know to read the result. */
export function listener(
  io: Io,
  { quiet, running }: { readonly quiet: boolean; readonly running?: Running },
): (event: ExperimentEvent) => void {
  const showBlock = blockLine(io, running);
  const sweep = sweepTotal(io);
  const pauses = pauseTotal(io);
  return (event) => {
    if (quiet && event.kind === 'engineOpened') announceLacks(event.facts, io);
    // The line of the blocks goes before what is told at their end.
    if (!quiet && isBlockEvent(event)) showBlock(event);
    pauses(event);
    if (isBlockEvent(event) || (quiet && !WARNINGS.includes(event.kind))) return;
    announce(event, io);
    sweep(event);
  };
}

/** Adds up what the levels of a sweep take, and tells the total once after the last of them is planned. */
function sweepTotal(io: Io): (event: ExperimentEvent) => void {
  let levels = 0;
  let seconds = 0;
  return (event) => {
    if (event.kind === 'sweepPlanned') {
      levels = event.levels.length;
      seconds = 0;
    }
    if (event.kind !== 'planned' || levels === 0) return;
    levels -= 1;
    seconds += event.expectedSeconds;
    if (levels === 0) say(io, '', `${expectedTime(seconds)} in all`);
  };
}

type ReadyEvent = EventOf<
  'filesRead' | 'engineOpened' | 'cacheStates' | 'duetChosen' | 'duetRefused' | 'armsProved' | 'armLeftOut'
>;
type StepEvent = EventOf<'answersLeftOut' | 'counterRefused' | 'armNotCounted' | 'stepStarted' | 'stepSkipped'>;
type PlanEvent = EventOf<
  'resumed' | 'sweepPlanned' | 'timePlanned' | 'planned' | 'callsPlanned' | 'emulated' | 'hostBusy'
>;

function announce(event: Exclude<ExperimentEvent, BlockEvent>, io: Io): void {
  switch (event.kind) {
    case 'filesRead':
    case 'engineOpened':
    case 'cacheStates':
    case 'duetChosen':
    case 'duetRefused':
    case 'armsProved':
    case 'armLeftOut':
      announceReady(event, io);
      break;
    case 'armNoted':
    case 'adviceForeknown':
    case 'callsLeftOut':
      announceForeknown(event, io);
      break;
    case 'programFails':
      say(io, 'the program fails under ', `${event.arm}: ${event.cause}`);
      break;
    case 'programChanged':
    case 'blocksFailed':
    case 'closed':
      announceEnd(event, io);
      break;
    default:
      announceWorkOf(event, io);
  }
}

/** What is going to be run, and what is run besides. */
function announceWorkOf(event: PlanEvent | StepEvent, io: Io): void {
  switch (event.kind) {
    case 'answersLeftOut':
    case 'counterRefused':
    case 'armNotCounted':
    case 'stepStarted':
    case 'stepSkipped':
      announceStep(event, io);
      break;
    default:
      announcePlan(event, io);
  }
}

/** The files, the engine and the arms, before anything is timed. */
function announceReady(event: ReadyEvent, io: Io): void {
  switch (event.kind) {
    case 'filesRead':
      for (const source of event.sources) say(io, '', `${source.name} ${formWords(source)}`);
      break;
    case 'engineOpened':
      announceEngine(event, io);
      break;
    case 'cacheStates':
      announceCache(event, io);
      break;
    case 'duetChosen':
      say(io, 'duet blocks: ', duetWords(event.duet));
      break;
    case 'duetRefused':
      say(io, 'no duet blocks: ', duetRefusalWords(event.refusal));
      break;
    case 'armsProved':
      announceArms(event.evidence, io);
      break;
    case 'armLeftOut':
      say(io, '  left out: ', `arm ${event.arm}: same spec and filter as ${event.like} with this profile`);
  }
}

/** Where the pairs run, and what threads of one core mean for them. */
const duetWords = ({ cores, relation }: DuetCores): string =>
  `two arms at a time, on the cores ${cores.join(' and ')}; every fourth block is solo${
    relation === 'siblings' ? '. The two are threads of one physical core, so the arms slow each other down' : ''
  }`;

/** What is known beforehand, and what could not be told. */
function announceForeknown(event: EventOf<'armNoted' | 'adviceForeknown' | 'callsLeftOut'>, io: Io): void {
  switch (event.kind) {
    case 'armNoted':
      say(io, 'note: ', armNoteWords(event.note));
      break;
    case 'adviceForeknown':
      for (const line of foreknownWords(event.foreknown)) say(io, '', line);
      break;
    case 'callsLeftOut':
      say(io, 'not timed: ', unpricedWords(event));
  }
}

/** What the engine cannot give its containers; the first line of a run, with `quiet` too. */
function announceLacks({ containment }: EngineFacts, io: Io): void {
  const lacks = containment === undefined ? [] : uncontainedWords(containment);
  if (lacks.length > 0) say(io, 'note: ', `containers have ${lacks.join(', ')}`);
}

/** Which engine is used, which could not be used and why, and how it was adapted to this host. */
function announceEngine({ facts, refusals }: EventOf<'engineOpened'>, io: Io): void {
  announceLacks(facts, io);
  for (const refusal of refusals) say(io, 'not used: ', refusal);
  const { version, rootless, notes, containment } = facts;
  say(io, '', `engine ${engineNames(facts)} (${version}${rootless ? ', rootless' : ''})`);
  for (const note of notes) say(io, '  ', note);
  if (containment !== undefined) say(io, '  containers: ', containmentWords(containment));
}

function announcePlan(event: PlanEvent, io: Io): void {
  switch (event.kind) {
    case 'resumed':
      for (const line of resumedWords(event)) say(io, '', line);
      break;
    case 'emulated':
      io.err(`${emulationWarning(event.emulation)}\n`);
      break;
    case 'hostBusy':
      say(io, 'busy: ', `${busyWords(event)}: this widens the intervals`);
      break;
    case 'sweepPlanned': {
      const order = 'each round runs every level once, in random order, with one batch per arm';
      say(io, '', `sweep over concurrency ${event.levels.join(', ')}: ${order}`);
      break;
    }
    case 'timePlanned':
      say(io, '', timePlanSentence(event.plan, event.thing));
      if (event.plan.mode === 'pinned') say(io, '', `pinned to core ${event.pinnedCpu ?? ''} from here on`);
      break;
    case 'planned':
      announceWork(describeWork(event.scenario, event.expectedSeconds, event.stopping), event, io);
      io.err(stoppingWords(event.stopping, event.scenario));
      break;
    case 'callsPlanned': {
      const { calls, loops, rounds, blocks, arms } = event;
      const each = `${counted(calls, 'call')}, ${formatCount(rounds)} x ${formatCount(loops)} times each`;
      const work = `${each}; ${counted(blocks, 'container')} per arm, ${counted(arms, 'arm')}`;
      announceWork(work, event, io);
    }
  }
}

/** What is there already, and what has changed since. */
function resumedWords({ after, done, blocks, changes }: EventOf<'resumed'>): readonly string[] {
  const how = after === null ? 'was killed' : END_WORDS[after];
  const count = `${formatCount(done)} of ${formatCount(blocks)} blocks are measured`;
  return [`resuming a run that ${how}: ${count}`, ...changes.map((change) => `changed since: ${change}`)];
}

const END_WORDS: Readonly<Record<RunEnd, string>> = {
  complete: 'was complete',
  rule: 'ended by a rule',
  maxFailures: 'ended by --max-failures',
  failedBlocks: 'ended because whole blocks failed',
  runtimeChanged: 'ended because its runtime was replaced',
  interrupted: 'was stopped',
  error: 'ended by an error',
};

/** What will be run, and where its samples go. */
function announceWork(
  work: string,
  { seed, folder }: { readonly seed: number; readonly folder: string },
  io: Io,
): void {
  for (const line of work.split('\n')) say(io, '', line);
  const [first, second] = [`seed ${seed}`, `samples in ${folder}`];
  // A path that is broken cannot be copied.
  io.err(
    first.length + second.length + 3 <= (io.columns ?? Infinity) ? `${first} · ${second}\n` : `${first}\n${second}\n`,
  );
}

/** What may end the run, in words; nothing without a rule. */
function stoppingWords(rules: readonly StoppingRule[], scenario: Scenario): string {
  if (rules.length === 0) return '';
  const unit = scenario.kind === 'sequential' ? 'blocks' : 'batches';
  const words = rules.map((rule) => {
    switch (rule.kind) {
      case 'halfWidth': {
        const width = Number((100 * rule.width).toPrecision(3));
        const looks = `first look at ${FIRST_LOOK_BLOCKS} ${unit}, then every ${LOOK_EVERY_BLOCKS}`;
        return `once the CPU interval is within ±${width} % (${looks})`;
      }
      case 'decided':
        return 'once decided, by a group sequential test with 5 looks';
      case 'budget':
        return `after ${rule.milliseconds / 1000} s of measuring`;
      case 'time':
        return `within ${rule.milliseconds / 1000} s, report included`;
    }
  });
  return `ends ${words.join(', or ')}\n`;
}

function announceStep(event: StepEvent, io: Io): void {
  switch (event.kind) {
    case 'counterRefused': {
      const fix = event.fix === null ? '' : ` (to change that: ${event.fix})`;
      say(io, 'cannot count with ', `${event.name}: ${event.reason}${fix}`);
      break;
    }
    case 'armNotCounted':
      say(io, '  not counted: ', `${event.arm}: ${event.reason}`);
      break;
    case 'answersLeftOut':
      announceAnswers(event, io);
      break;
    case 'stepStarted':
      say(io, '', stepWords(event));
      break;
    case 'stepSkipped':
      say(io, `no ${STEP_NAMES[event.step]}: `, event.reason);
  }
}

/** What each step gives. */
const STEP_NAMES: Readonly<Record<EventOf<'stepSkipped'>['step'], string>> = {
  counting: 'counts of system calls',
  starts: 'times of a start alone',
  rate: 'rate of system calls',
  prices: 'prices of system calls',
  touch: 'prices with memory read before each call',
  profiles: 'profiles',
};

function stepWords(event: EventOf<'stepStarted'>): string {
  switch (event.step) {
    case 'counting': {
      const { name, version } = event.counter;
      return `counting system calls with ${name} ${version}: ${untimed(event.repeats)}`;
    }
    case 'starts':
      return `timing a start alone: ${event.blocks} blocks with the payload instead of the program`;
    case 'rate':
      return `measuring the rate of system calls with perf stat -I 1000: ${untimed(1)}`;
    case 'prices':
      return `pricing system calls under each arm: ${event.calls.join(' ')}, ${event.blocks} blocks`;
    case 'touch': {
      const order = event.order === 'random' ? 'in random order ' : '';
      return `pricing a system call with ${event.mib} MiB read ${order}before it: ${event.blocks} blocks`;
    }
    case 'profiles':
      return `profiling with ${event.profiler}: ${untimed(1)}`;
  }
}

const untimed = (runs: number): string => `${runs} untimed ${runs === 1 ? 'run' : 'runs'} per arm`;
