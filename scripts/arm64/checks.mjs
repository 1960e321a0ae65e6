// What must be true of the guest, read from its own status file and from the results it made.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINES } from './orders.mjs';
import { plannedOf, titleOf } from '../shared/results.mjs';
import { ROOT } from './settings.mjs';

const PROGRAMS = ['payload', 'loader', 'gate', 'bpf-build', 'probe32'];

/** The machine, the programs it was given, and how each call ended. */
export function checkGuest(status, { npm, packages }, tally) {
  const { machine } = status;
  tally.check(
    "The guest runs Debian's kernel for arm64",
    machine.machine === 'aarch64' && packages.some((name) => name.startsWith(`linux-image-${machine.kernel}_`)),
    machine.kernel,
  );
  tally.check(
    'Node for arm64 ran there',
    machine.nodeArchitecture === 'arm64' && machine.node === `v${npm.nodeVersion}`,
    machine.node,
  );
  tally.check(
    'cgroup v2 is all it has',
    machine.cgroupType === 'cgroup2' && machine.cgroup.startsWith('0::') && machine.controllers.includes('pids'),
    machine.controllers.join(' '),
  );
  checkPrograms(status.programs, tally);
  for (const { name, end, exitCode, seconds } of status.calls)
    tally.check(`bench, ${name}: exit code 0`, exitCode === 0, `${end}, ${seconds} s`);
  tally.check('Nothing is left behind in the guest', status.left.length === 0, status.left.join(', '));
}

function checkPrograms(programs, tally) {
  const recorded = new Map(
    readFileSync(join(ROOT, 'payload/bin/COMPILERS.tsv'), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([path, sha256]) => [path, sha256]),
  );
  for (const name of PROGRAMS) {
    const path = `aarch64/${name}`;
    const there = programs.find((program) => program.path === path);
    tally.check(
      `${name} there is the one that the repository records`,
      there !== undefined && there.found === recorded.get(path),
      there?.found?.slice(0, 12) ?? 'not there',
    );
  }
}

/** What each engine's containers prove. */
export function checkRuns(runs, tally) {
  for (const engine of ENGINES) {
    for (const kind of ['sequential', 'parallel']) {
      const own = runs.filter(({ plan }) => plan.engine.name === engine && plan.scenario.kind === kind);
      if (own.length === 0) tally.check(`${engine}, ${kind}: has results`, false);
      for (const run of own) checkRun(run, tally);
    }
    const policies = runs
      .filter(({ plan }) => plan.engine.name === engine)
      .flatMap(({ evidence }) => evidence.map(({ policy }) => policy));
    tally.check(
      `${engine}: arms with every architecture, the host's and the native one alone were proved`,
      ['all', 'host', 'native'].every((policy) => policies.includes(policy)),
    );
  }
}

function checkRun(run, tally) {
  const title = titleOf(run);
  const ok = run.containers.filter(({ state }) => state === 'ok').length;
  const planned = plannedOf(run);
  tally.check(
    `${title}: every container ran on arm64`,
    ok === planned && run.containers.length === planned && run.host.machine === 'aarch64',
    `${ok} of ${planned}`,
  );
  tally.check(
    `${title}: the engine lists none of them afterwards`,
    run.ledger?.after.state === 'listed' && run.ledger.after.ids.length === 0,
    JSON.stringify(run.ledger?.after.ids),
  );
  tally.check(
    `${title}: emulation is seen and recorded`,
    run.host.emulation?.kind === 'tcg',
    run.host.emulation?.sign ?? 'none',
  );
  tally.check(`${title}: cgroup v2 is recorded`, run.host.cgroup === 'v2', run.host.cgroup);
  checkTreatment(run, title, tally);
}

/** Per arm: the filter that the kernel holds, and what became of a 32-bit ARM program. */
function checkTreatment({ evidence, plan }, title, tally) {
  for (const { arm, policy, predicted, loaded, probe32, seccompMode } of evidence) {
    const filtered = policy !== 'unconfined';
    const programs = loaded.state === 'seen' && loaded.via === 'ptrace' ? loaded.programs : null;
    const lengths = programs?.map(({ instructions }) => instructions).join(' + ') ?? loaded.reason;
    const isExpected = filtered
      ? seccompMode === 2 && isPredicted(programs ?? [], predicted, plan.engine.name)
      : seccompMode === 0 && programs?.length === 0;
    tally.check(
      `${title}, ${arm}: the loaded filter, read by ptrace, is the predicted one`,
      isExpected,
      filtered ? `${lengths} instructions, predicted ${predicted.instructions}` : 'none',
    );
    const expected = policy === 'native' ? 'killed' : 'ran';
    tally.check(
      `${title}, ${arm}: a 32-bit ARM program ${expected === 'ran' ? 'runs' : 'dies'}`,
      probe32.outcome === expected,
      probe32.detail,
    );
  }
  checkLengths(evidence, title, tally);
}

/** The spec and the filter of fewer architectures are shorter. */
function checkLengths(evidence, title, tally) {
  const of = (name) => evidence.find(({ arm }) => arm === name);
  const [before, after] = [of('before'), of('after')];
  if (before === undefined || after === undefined) return;
  const [longer, shorter] = [before, after].map(({ predicted }) => predicted.instructions);
  tally.check(
    `${title}: keeping the host's architectures shortens spec and filter`,
    after.specBytes < before.specBytes && shorter < longer,
    `${before.specBytes} -> ${after.specBytes} bytes, ${longer} -> ${shorter} instructions`,
  );
}

/** What runc puts in front of libseccomp's program, to tell calls it does not know: at most so long. */
const RUNC_STUB = 64;

function isPredicted([program, ...others], predicted, engine) {
  if (program === undefined || others.length > 0) return false;
  const more = program.instructions - predicted.instructions;
  return engine === 'runc' ? more > 0 && more <= RUNC_STUB : more === 0 && program.sha256 === predicted.sha256;
}

/** System calls, counted in runs of their own. */
export function checkCounts(runs, tally) {
  const run = runs.find(({ syscalls }) => syscalls !== null);
  tally.check(
    'System calls were counted in the guest',
    run !== undefined && run.syscalls.counter.name === 'strace',
    run === undefined ? 'no syscalls.json' : `${run.syscalls.counter.name} ${run.syscalls.counter.version}`,
  );
  for (const { arm, state, runs: counted = [], reason } of run?.syscalls.arms ?? []) {
    const parts = counted[0] ?? [];
    const calls = parts.flatMap((part) => part.calls);
    const total = calls.reduce((sum, call) => sum + call.calls, 0);
    tally.check(
      `${arm}: its calls are counted by name`,
      state === 'counted' && total > 0 && calls.some(({ name }) => name === 'execve'),
      state === 'counted' ? `${total} calls of ${new Set(calls.map(({ name }) => name)).size} kinds` : reason,
    );
    const loads = parts
      .flatMap((part) => part.operations)
      .filter(({ name }) => name.includes('SECCOMP_SET_MODE_FILTER'))
      .reduce((sum, call) => sum + call.calls - (call.errors ?? 0), 0);
    tally.check(
      `${arm}: ${arm === 'unconfined' ? 'no filter is' : 'one filter is'} loaded by seccomp(2)`,
      loads === (arm === 'unconfined' ? 0 : 1),
      String(loads),
    );
  }
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Pictures of a report that are whole PNG files. */
export function picturesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.png'))
    .filter((name) => {
      const data = readFileSync(join(folder, name));
      return data.subarray(0, 8).equals(PNG) && data.subarray(-8).toString('latin1').startsWith('IEND');
    });
}
