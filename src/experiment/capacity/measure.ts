import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, needs } from '../../errors.js';
import { encodeFilter, filterFacts, kernelInstructions, kernelProgramBytes } from '../../filter/index.js';
import type { Simulator } from '../../filter/index.js';
import type { Bytes, Crowd, FilterCapacity, Measured, NotMeasured } from '../../model/filter/capacity.js';
import { payloadFiles } from '../../payload/index.js';
import { holdLock, isHeld } from '../../process/lock.js';
import { bytesEach } from '../../statistics/index.js';
import { newRunId, type SessionContext } from '../session/session.js';
import { makeWorkspace, noteLimit, removeWorkspace } from '../session/workspace.js';
import { withCrowd } from './crowd.js';
import type { CrowdMaker } from './crowd.js';
import { kernelMemory } from './kernel-memory.js';
import type { KernelMemory } from './kernel-memory.js';
import { JIT_LIMIT } from './limit.js';
import { findRoom } from './room.js';
import type { CountUnder, FoundRoom } from './room.js';

/** What `bench capacity` is asked for. */
export interface CapacityRequest {
  readonly filter: Simulator;
  readonly name: string;
  readonly machine: string;
  /** Tasks in each crowd. */
  readonly tasks: number;
  readonly stacked: number;
  readonly untilRefused: boolean;
}

/** Crowds with and without the filter, in turn. */
const ROUNDS = 6;
/** The kernel frees what a program had a moment after its last task. */
const SETTLE_MS = 300;
/** Of the room: other programs load filters, too. */
const TRIES = 3;
const JIT_ENABLE = '/proc/sys/net/core/bpf_jit_enable';

/**
 * Loads the filter in many tasks that sleep, and finds the kernel memory of one; with `untilRefused` also how many fit
 * under net.core.bpf_jit_limit, which is lowered while tasks are made. Throws `environment`: a kernel that loads no
 * filter here, no right to lower the limit.
 */
export async function measureCapacity(request: CapacityRequest, context: SessionContext): Promise<FilterCapacity> {
  const { filter, name, machine, stacked } = request;
  using lowering = request.untilRefused ? limitToLower() : null;
  const { payload, crowd: program } = payloadFiles(machine);
  const workspace = await makeWorkspace(newRunId(), context.cwd, payload);
  try {
    const bytes = encodeFilter(filter.instructions, filter.order);
    const file = join(workspace, 'filter.bpf');
    writeFileSync(file, bytes);
    const maker = { program, signal: context.signal };
    const length = kernelInstructions(filter.instructions);
    const jit = jitState();
    const memory = await memoryOf({ ...request, file }, maker);
    const { image, room, counted } = await roomFor(
      { file, stacked, jit, limit: lowering?.limit ?? null, workspace },
      maker,
    );
    return {
      name,
      machine,
      kernel: release(),
      ...filterFacts(bytes),
      kernelInstructions: length,
      jit,
      stacked,
      memory: { predictedProgram: kernelProgramBytes(length, pageBytes()), ...memory, image },
      room,
      counted,
    };
  } finally {
    removeWorkspace(workspace);
  }
}

type InFile = CapacityRequest & { readonly file: string };

/** Bytes of one filter, by crowds with it and without it. */
async function memoryOf(
  { file, tasks, stacked }: InFile,
  maker: CrowdMaker,
): Promise<{ readonly program: Measured<Bytes>; readonly slab: Measured<Bytes> }> {
  const page = pageBytes();
  const look = async (filter: string | null): Promise<KernelMemory> => {
    const order = { filter, tasks, stacked, limit: null };
    const memory = await withCrowd(order, maker, (crowd) => {
      assertWhole(crowd);
      return kernelMemory(page);
    });
    await settled(maker.signal);
    return memory;
  };
  const rounds: { readonly program: number | NotMeasured; readonly slab: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [first, second] = round % 2 === 0 ? [file, null] : [null, file];
    const [one, other] = [await look(first), await look(second)];
    const [under, plain] = first === null ? [other, one] : [one, other];
    rounds.push({
      program: difference(under.programs, plain.programs, tasks * stacked),
      slab: (under.slab - plain.slab) / (tasks * stacked),
    });
  }
  return {
    program: measuredOf(rounds.map(({ program }) => program)),
    slab: measuredOf(rounds.map(({ slab }) => slab)),
  };
}

const difference = (a: number | NotMeasured, b: number | NotMeasured, each: number): number | NotMeasured =>
  typeof a === 'string' ? a : typeof b === 'string' ? b : (a - b) / each;

function measuredOf(rounds: readonly (number | NotMeasured)[]): Measured<Bytes> {
  const reason = rounds.find((one) => typeof one === 'string');
  if (reason !== undefined) return { state: 'notMeasured', reason };
  const value = bytesEach(rounds.filter((one) => typeof one === 'number'));
  return value === null ? { state: 'notMeasured', reason: 'disturbed' } : { state: 'measured', value };
}

/** Throws `environment` where the crowd is not whole: what it takes would be that of another number of filters. */
function assertWhole({ tasks, refusal }: Crowd): void {
  if (refusal === null) return;
  const { step, errno } = refusal;
  const what = {
    load: `the kernel refused to load the filter in task ${tasks + 1} (errno ${errno})`,
    fork: `no more than ${tasks} tasks could be created (errno ${errno})`,
    end: `the filter ended task ${tasks + 1} as it was loaded once more`,
  }[step];
  const hint = {
    load: 'The limit may be used up: see net.core.bpf_jit_limit. A stack may have 32,768 instructions in all.',
    fork: 'Choose fewer with --tasks, or raise the limit of processes (ulimit -u, pids.max).',
    end: 'A filter can be stacked only where it allows seccomp(2).',
  }[step];
  throw new BenchError('environment', what, { hint });
}

interface RoomRequest {
  readonly file: string;
  readonly stacked: number;
  readonly jit: boolean | null;
  /** `null`: not asked for. */
  readonly limit: number | null;
  readonly workspace: string;
}

async function roomFor({ file, stacked, jit, limit, workspace }: RoomRequest, maker: CrowdMaker): Promise<FoundRoom> {
  const without = (reason: NotMeasured): FoundRoom => ({
    image: { state: 'notMeasured', reason },
    room: { state: 'notMeasured', reason },
    counted: [],
  });
  if (jit === false) return without('noJit');
  if (limit === null) return without('needsUntilRefused');
  const count: CountUnder = async (lowered, tasks) => {
    noteLimit(workspace, { was: limit, lowered });
    try {
      return await withCrowd({ filter: file, tasks, stacked, limit: lowered }, maker, (crowd) => crowd);
    } finally {
      JIT_LIMIT.restore({ was: limit, lowered });
      await settled(maker.signal);
    }
  };
  let found = await findRoom(limit, count);
  for (let tries = 1; tries < TRIES && found.room.state === 'notMeasured'; tries += 1)
    found = await findRoom(limit, count);
  return found;
}

/** Resolves at once where the run is to stop. */
const settled = (signal: AbortSignal): Promise<void> => sleep(SETTLE_MS, undefined, { signal }).catch(() => undefined);

interface Lowering extends Disposable {
  readonly limit: number;
}

/**
 * The limit as it is, locked: a second run would take a lowered limit for the machine's own. Throws `environment`
 * where this user may not lower it, or another run is at it.
 */
function limitToLower(): Lowering {
  try {
    closeSync(openSync(JIT_LIMIT.path, 'r+'));
    const lock = holdLock(JIT_LIMIT.path);
    return {
      limit: JIT_LIMIT.read(),
      [Symbol.dispose]: () => {
        lock[Symbol.dispose]();
      },
    };
  } catch (cause) {
    if (isHeld(cause))
      throw new BenchError('environment', 'another bench capacity is counting under a lowered limit', {
        hint: 'Wait until it has ended.',
        cause,
      });
    throw needs('--until-refused', 'the right to lower net.core.bpf_jit_limit', {
      hint: 'Run it as root on the machine itself, not in a container. Without it, bench measures memory alone.',
      cause,
    });
  }
}

function jitState(): boolean | null {
  try {
    return readFileSync(JIT_ENABLE, 'utf8').trim() !== '0';
  } catch {
    return null;
  }
}

/** Key of the page size in the auxiliary vector (AT_PAGESZ of elf.h). */
const AT_PAGESZ = 6n;

function pageBytes(): number {
  const vector = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= vector.length; at += 16)
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  return 4096;
}
