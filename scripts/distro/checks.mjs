// What must be true of each call of bench in the Debian, read from its results.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plannedOf, readResults } from '../shared/results.mjs';

/** Engines whose filter no tracer sees: gVisor keeps it in its own kernel. */
const HIDDEN = ['gvisor'];
/** Engines whose containers get the same filter, whichever foreign architectures a spec has. */
const SAME_FILTER = ['lxc', 'gvisor'];

/** What one call showed: for the row of its engine in the table. */
class Finding {
  version = null;
  filter = null;
  passed = 0;
  /** @type {string[]} */
  failed = [];
  /** @type {string | null} why it was not run */
  skipped = null;
}

/** Checks one call; each check is told and counted by the tally, and gathered for the table. */
export function checkCall(call, out, tally) {
  const finding = new Finding();
  const who = `${call.engine}, ${call.title}`;
  const check = (sentence, holds, seen) => {
    tally.check(`${who}: ${sentence}`, holds, seen);
    if (holds) finding.passed += 1;
    else finding.failed.push(sentence);
  };
  if (call.skipped !== undefined) {
    tally.skip(who, call.skipped);
    finding.skipped = call.skipped;
    return finding;
  }
  const folder = join(out, call.folder);
  check('exit code 0', call.exitCode === 0, call.exitCode === 0 ? `${call.seconds} s` : call.end);
  if (call.exitCode === 0) CHECKS[call.kind](folder, { call, check, finding });
  else tally.note(lastWords(folder));
  return finding;
}

const CHECKS = {
  starts(folder, { call, check, finding }) {
    const [run] = readResults(join(folder, 'results'));
    if (run === undefined) return check('results were written', false);
    finding.version = versionOf(run);
    checkContainers(run, check);
    checkFilters(run, call, check, finding);
    if (!HIDDEN.includes(call.engine)) checkInside(run, call, check);
    if (call.args.includes('--stages'))
      check(
        'every container has its stages',
        run.containers.every(({ stagesNs }) => Object.keys(stagesNs ?? {}).length > 1),
      );
  },
  calls(folder, { check }) {
    const text = readFileSync(join(folder, 'bench.stdout'), 'utf8');
    check('both calls have a price under each arm', /getppid/.test(text) && /personality/.test(text));
  },
  advice(folder, { call, check }) {
    const { options } = JSON.parse(readFileSync(join(folder, 'bench.stdout'), 'utf8'));
    checkTree(
      folder,
      options.find(({ option }) => option === 'tree'),
      call,
      check,
    );
    const prebuilt = options.find(({ option }) => option === 'prebuilt');
    const expected = {
      runc: /takes none that is built already/,
      crun: /^measured$|keeps the filters that it compiles/,
    };
    const told = prebuilt.state === 'measured' ? 'measured' : prebuilt.reason;
    check('a precompiled filter is measured, or why not is said', expected[call.engine].test(told), told);
  },
  inspect(folder, { check }) {
    const { filters, agreement } = JSON.parse(readFileSync(join(folder, 'bench.stdout'), 'utf8'));
    const loaded = filters.find(({ origin }) => origin.kind === 'loaded');
    check(
      "the filter of a container is the one that its runtime's builder makes",
      loaded !== undefined && /^same\b/.test(agreement ?? ''),
      String(agreement),
    );
  },
  doctor(folder, { call, check }) {
    const { mainJob, findings } = JSON.parse(readFileSync(join(folder, 'bench.stdout'), 'utf8'));
    check('the main job can run', mainJob.canRun === true, mainJob.engine?.name);
    const expected = call.asUser ? ['runc', 'crun', 'namespaces'] : ['runc', 'crun', 'namespaces', 'lxc'];
    const ready = findings.filter(({ state }) => state === 'ok').map(({ id }) => id);
    check(
      `${expected.join(', ')} work`,
      expected.every((name) => ready.includes(name)),
      expected.filter((name) => !ready.includes(name)).join(', '),
    );
  },
};

/** A tree is measured where the unchanged profile has the plain form, unless its runtime builds no other. */
function checkTree(folder, tree, { engine }, check) {
  const runs = readResults(join(folder, 'results'));
  const asIs = runs.flatMap(({ evidence }) => evidence).find(({ arm }) => arm === 'as-is');
  const form = asIs?.predicted?.form;
  const told = tree.state === 'measured' ? 'measured' : tree.reason;
  const fits =
    engine === 'crun'
      ? told === 'measured'
      : form === 'tree'
        ? /builds a binary tree already: .* more than 32$/.test(told)
        : /builds only the plain form/.test(told);
  check('what is said of a tree is right for what the runtime loads', fits, `${form} is loaded; ${told}`);
}

function checkContainers(run, check) {
  const ok = run.containers.filter(({ state }) => state === 'ok').length;
  const planned = plannedOf(run);
  check('every container ran', ok === planned && run.containers.length === planned, `${ok} of ${planned}`);
  const after = run.ledger?.after;
  check(
    'the engine lists none of them afterwards',
    after === undefined || after.state !== 'listed' || after.ids.length === 0,
    after?.ids?.join(', ') ?? '',
  );
}

/** Per arm one filter, which is the predicted one; none without seccomp. */
function checkFilters({ evidence }, { engine, asUser }, check, finding) {
  const filtered = evidence.filter(({ policy }) => policy !== 'unconfined');
  const seen = filtered.filter(({ loaded }) => loaded.state === 'seen');
  if (seen.length === 0 && (asUser || HIDDEN.includes(engine))) {
    finding.filter = 'not seen';
    check(
      'why its filters are not seen is said',
      filtered.every(({ loaded }) => loaded.state === 'notSeen' && loaded.reason !== ''),
    );
    return;
  }
  const ways = filtered.map(({ loaded, predicted }) => agreementOf(loaded, predicted));
  const lengths = filtered.map(({ loaded }) =>
    loaded.state === 'seen' ? loaded.programs.map(({ instructions }) => instructions).join(' + ') : 'not seen',
  );
  const via = [...new Set(seen.map(({ loaded }) => VIA[loaded.via] ?? loaded.via))].join(', ');
  const agree = ways.every((way) => way === 'same' || way === 'after the stub');
  check('the filter of each arm is the predicted one', agree, `${via}: ${lengths.join(', ')} instructions`);
  const stub = ways.includes('after the stub') ? " after the runtime's stub" : '';
  finding.filter = `${agree ? 'as predicted' : 'another than predicted'}${stub}, ${via}`;
  checkLengths(evidence, engine, check);
}

const VIA = { ptrace: 'read by ptrace', strace: 'seen by strace', cacheFile: "in crun's cache file" };

/** The one program that was loaded, compared with the one predicted. */
function agreementOf(loaded, predicted) {
  if (loaded.state !== 'seen' || predicted.state !== 'built') return 'unknown';
  const [program, ...others] = loaded.programs;
  if (program === undefined || others.length > 0) return 'different';
  if (program.sha256 === predicted.sha256) return 'same';
  return program.afterStub?.sha256 === predicted.sha256 ? 'after the stub' : 'different';
}

/** More architectures are a longer filter, save where the engine skips foreign ones. */
function checkLengths(evidence, engine, check) {
  if (SAME_FILTER.includes(engine)) return;
  const length = (name) => {
    const loaded = evidence.find(({ arm }) => arm === name)?.loaded;
    return loaded?.state === 'seen' ? (loaded.programs[0]?.instructions ?? 0) : null;
  };
  const lengths = ['before', 'after', 'native', 'unconfined'].map(length).filter((value) => value !== null);
  if (lengths.length < 2) return;
  check(
    'an arm with more architectures has a longer filter',
    lengths.every((value, index) => index === 0 || value < lengths[index - 1]),
    lengths.join(', '),
  );
}

/** The mode that a container sees, and the end of a 32-bit program, which lives where its architecture has rules. */
function checkInside({ evidence }, { engine }, check) {
  check(
    'the mode inside a container is 2 with seccomp and 0 without',
    evidence.every(({ policy, seccompMode }) => seccompMode === (policy === 'unconfined' ? 0 : 2)),
    evidence.map(({ arm, seccompMode }) => `${arm} ${seccompMode}`).join(', '),
  );
  if (SAME_FILTER.includes(engine) || !evidence.some(({ policy }) => policy === 'native')) return;
  check(
    'a 32-bit program dies where its architecture is left out, and there alone',
    evidence.every(({ policy, probe32 }) =>
      ['notProvable', policy === 'native' ? 'killed' : 'ran'].includes(probe32.outcome),
    ),
    evidence.map(({ arm, probe32 }) => `${arm} ${probe32.outcome}`).join(', '),
  );
}

/** `runc version 1.3.6+ds1` as `1.3.6+ds1`; what a daemon uses stays. */
const versionOf = ({ plan: { engine } }) =>
  (engine.version ?? 'not recorded').replace(/^(?:runc|crun|runsc) version /, '').replace(/^built in$/, 'built in');

/** The last lines that a call printed. */
function lastWords(folder) {
  return ['bench.stdout', 'bench.stderr']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').trim().split('\n').slice(-6))
    .filter((line) => line !== '')
    .map((line) => `    ${line}`)
    .join('\n');
}
