// Keeps test/fixtures/formats/, which shows that results of every format are read and that no format changes silently:
//   node scripts/formats.mjs          writes fields-N.txt: every field of the documents that format N has now
//   node scripts/formats.mjs --keep   makes fixtures of format N with the build in dist/; from then on N is settled
// A settled format never changes: another field, document or value takes the next number.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const ROOT = join(import.meta.dirname, '..');
const FORMATS = join(ROOT, 'test/fixtures/formats');

/**
 * Every document of results: its file, the file of its type and the type; of lists, the type of an item.
 *
 * @type {readonly (readonly [string, string, string])[]}
 */
export const DOCUMENTS = [
  ['advice.json', 'model/results/advice-record.ts', 'AdviceRecord'],
  ['breaks.jsonl', 'model/results/break.ts', 'RunBreak'],
  ['evidence.json', 'model/run/evidence.ts', 'ArmEvidence'],
  ['fleet.json', 'model/host/fleet.ts', 'FleetRecord'],
  ['host.json', 'model/results/result.ts', 'HostFingerprint'],
  ['ledger.json', 'model/results/ledger.ts', 'RunLedger'],
  ['plan.json', 'model/results/result.ts', 'RunPlan'],
  ['plan.json (percall)', 'model/results/percall/percall.ts', 'PercallPlan'],
  ['plan.json (capacity)', 'model/results/capacity.ts', 'CapacityPlan'],
  ['samples.jsonl', 'model/results/sample.ts', 'Sample'],
  ['samples.jsonl (capacity)', 'model/results/capacity.ts', 'CapacitySample'],
  ['samples.jsonl (actions)', 'model/results/percall/action-price.ts', 'ActionSample'],
  ['samples.jsonl (percall)', 'model/results/percall/percall.ts', 'PercallSample'],
  ['simulation.json', 'model/results/percall/percall.ts', 'SimulatedCall'],
  ['syscalls.json', 'model/results/syscalls.ts', 'SyscallCounts'],
  ['workload.json', 'model/results/workload-findings.ts', 'WorkloadFindings'],
];

/**
 * One line per field of every document of results, `FILE PATH: TYPE`, sorted; a field that may be absent ends with `?`.
 */
export function fieldsOfResults(src = join(ROOT, 'src')) {
  const path = join(src, 'model/**/*.ts');
  const generator = createGenerator({
    path,
    tsconfig: join(ROOT, 'tsconfig.json'),
    skipTypeCheck: true,
    topRef: false,
  });
  const lines = DOCUMENTS.filter(([, file]) => existsSync(join(src, file))).flatMap(([name, , type]) => {
    const { definitions = {}, ...schema } = generator.createSchema(type);
    return [...fieldsOf(schema, definitions)].map(
      ([field, types]) => `${name} ${field}: ${[...types].sort().join(' | ')}`,
    );
  });
  return `${lines.sort().join('\n')}\n`;
}

/** Paths below a schema with their types; `[]` is an item of a list, `*` any key. */
function fieldsOf(schema, definitions) {
  const fields = new Map();
  const note = (path, type) => fields.set(path, (fields.get(path) ?? new Set()).add(type));
  const walk = (node, path, above) => {
    if (typeof node !== 'object') return;
    if (node.$ref !== undefined) {
      const name = decodeURIComponent(node.$ref.split('/').at(-1));
      if (above.includes(name)) note(path, name);
      else walk(definitions[name], path, [...above, name]);
      return;
    }
    for (const type of typesOf(node)) note(path, type);
    for (const [below, way] of partsOf(node)) walk(below, `${path}${path === '' ? way.replace('.', '') : way}`, above);
  };
  walk(schema, '', []);
  fields.delete('');
  return fields;
}

/** What is in a schema, each with its way from there: `.name`, `.name?`, `.*`, `[]`, or nothing for an alternative. */
function partsOf({ anyOf = [], allOf = [], properties = {}, required = [], additionalProperties, items = [] }) {
  return [
    ...[...anyOf, ...allOf].map((one) => [one, '']),
    ...Object.entries(properties).map(([key, value]) => [value, `.${key}${required.includes(key) ? '' : '?'}`]),
    ...(typeof additionalProperties === 'object' ? [[additionalProperties, '.*']] : []),
    ...[items].flat().map((item) => [item, '[]']),
  ];
}

/** `"a"`, `string`, `null`; an object or a list shows by what is in it. */
function typesOf({ type, const: constant, enum: values }) {
  if (constant !== undefined) return [JSON.stringify(constant)];
  if (values !== undefined) return values.map((value) => JSON.stringify(value));
  const types = [type ?? []].flat().filter((one) => one !== 'object' && one !== 'array');
  // Whether a number is whole is known of some fields only.
  return types.map((one) => (one === 'integer' ? 'number' : one));
}

/** The format that is written now. */
export function currentFormat() {
  const source = readFileSync(join(ROOT, 'src/model/results/format.ts'), 'utf8');
  return Number(/FORMAT_VERSION = (\d+)/.exec(source)?.[1]);
}

export const fieldsFile = (/** @type {number} */ format) => join(FORMATS, `fields-${format}.txt`);
/** Whether results of the format are kept, so that it must not change any more. */
export const isSettled = (/** @type {number} */ format) => existsSync(join(FORMATS, String(format)));

function writeFields(format) {
  const [file, text] = [fieldsFile(format), fieldsOfResults()];
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  if (isSettled(format)) {
    process.stderr.write(
      `format ${format} is settled, and its documents have changed: raise FORMAT_VERSION in ` +
        'src/model/results/format.ts, ' +
        'keep reading the old one, and run this again\n',
    );
    process.exit(1);
  }
  writeFileSync(file, text);
}

const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }],
  syscalls: [{ names: ['acct'], action: 'SCMP_ACT_ERRNO' }],
};
const ARMS = ['--arms', 'unconfined,after'];
const SMALL = ['--engine', 'namespaces', '--profile', 'tiny.json', '--seed', '7', '--no-report'];
const TWICE = ['--count', '2', '--rounds', '3', '--warmup', '1', '--concurrency', '1,2'];
const PRICED = ['--calls', 'getppid'];
/** The smallest run of every kind; the folder has the kind's name. */
const RUNS = {
  starts: ['sequential', '--count', '3', '--warmup', '1', ...ARMS, ...SMALL],
  parallel: ['parallel', ...TWICE, ...ARMS, ...SMALL],
  counted: ['sequential', '--count', '3', ...ARMS, '--count-syscalls', '--count-repeats', '1', ...SMALL],
  percall: ['percall', '--blocks', '3', '--repeats', '2', ...PRICED, ...ARMS, ...SMALL],
  workload: ['workload', '--blocks', '3', '--bind-host', '--no-explain', '--touch', '0,1', ...ARMS, ...SMALL],
  advice: ['advise', 'tiny.json', '--blocks', '3', '--call-blocks', '3', ...PRICED, '--seed', '7', '--no-report'],
};

function keepFixtures(format) {
  const place = join(FORMATS, String(format), new Date().toISOString().slice(0, 10));
  const work = mkdtempSync(join(tmpdir(), 'bench-formats-'));
  writeFileSync(join(work, 'tiny.json'), JSON.stringify(PROFILE));
  for (const [kind, words] of Object.entries(RUNS)) {
    const program = kind === 'workload' ? ['--', '/bin/true'] : [];
    const argv = [join(ROOT, 'dist/cli.js'), ...words, '--results', kind, ...program];
    const { status, stderr } = spawnSync(process.execPath, argv, { cwd: work, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${kind}: exit code ${status}\n${stderr}`);
    for (const run of readdirSync(join(work, kind))) shorten(join(work, kind, run));
  }
  mkdirSync(join(FORMATS, String(format)), { recursive: true });
  rmSync(join(work, 'tiny.json'));
  spawnSync('cp', ['-r', work, place], { stdio: 'inherit' });
  rmSync(work, { recursive: true });
}

/** Documents without blanks between their values; the checksums follow. */
function shorten(folder) {
  const list = join(folder, 'SHA256SUMS');
  const names = readFileSync(list, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(66));
  for (const name of names.filter((one) => /^[a-z]+\.json$/.test(one)))
    writeFileSync(join(folder, name), `${JSON.stringify(JSON.parse(readFileSync(join(folder, name), 'utf8')))}\n`);
  const hash = (name) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  writeFileSync(`${list}.next`, names.map((name) => `${hash(name)}  ${name}\n`).join(''));
  renameSync(`${list}.next`, list);
}

if (process.argv[1] === import.meta.filename) {
  writeFields(currentFormat());
  if (process.argv.includes('--keep')) keepFixtures(currentFormat());
}
