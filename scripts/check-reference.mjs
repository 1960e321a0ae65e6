// Compares the converter with what moby and iSulad make of real and odd profiles, and the built-in default with moby's.
// Usage: node scripts/check-reference.mjs [DIR]. Needs `npm run build`; without the recordings it says so and exits 0.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { convertProfile, goArchFromName, serialiseSpec } from '#built/convert/index.js';
import { parseCapabilities } from '#built/model/profile/capabilities.js';
import { defaultProfile, loadProfile } from '#built/profile/index.js';

const say = (line) => process.stdout.write(`${line}\n`);
const directory = process.argv[2] ?? fileURLToPath(new URL('../../shared/reference/converter', import.meta.url));
if (!existsSync(`${directory}/edge.jsonl`)) {
  say(`${directory}: recordings not present, skipped`);
  process.exit(0);
}

const CAPS = { docker14: 'docker', none: 'none', all41: 'all' };
const problems = [];
const count = { equal: 0 };

/** Our output text, or the message of our refusal. */
function ours(bytes, name, row, dialect, policy, lenient) {
  try {
    const request = {
      arch: goArchFromName(row.arch),
      policy,
      dialect,
      capabilities: parseCapabilities(CAPS[row.caps] ?? row.caps),
      kernel: row.kernel === '*' ? '5.10' : row.kernel,
    };
    return {
      text: serialiseSpec(convertProfile(loadProfile(bytes, name, { lenient, dialect }), request).spec, dialect),
    };
  } catch (error) {
    if (error.name !== 'BenchError') throw error;
    return { error: error.message };
  }
}

/** Equal as text, or (iSulad's generator has its own line breaks) equal without white space outside strings. */
const compact = (text) => text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');

const start = (/** @type {string} */ text) => text.slice(0, 300);

function compare(label, expected, got) {
  if (expected === undefined ? got.error !== undefined : got.text === compact(expected)) {
    count.equal += 1;
    return true;
  }
  problems.push(`${label}\n  expected ${start(expected ?? 'an error')}\n  got      ${start(got.text ?? got.error)}`);
  return false;
}

const profiles = new Map();
for (const folder of [`${directory}/profiles`, `${directory}/profiles/synthetic`]) {
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.json')) profiles.set(file.slice(0, -'.json'.length), readFileSync(`${folder}/${file}`));
  }
}

/** The text of a line's output: JSON.parse would round 64-bit integers. */
const outputText = (line) => /"output": ?(.*)\}$/s.exec(line)?.[1];

function checkGolden(file, dialect, policy) {
  const before = [count.equal, problems.length];
  const outputs = new Map();
  for (const line of readFileSync(`${directory}/${file}`, 'utf8').trim().split('\n')) {
    const row = JSON.parse(line);
    const expected = row.same_as === undefined ? outputText(line) : outputs.get(row.same_as);
    outputs.set(row.id, expected);
    compare(
      `${file} ${row.id} ${row.profile} ${row.arch} ${row.caps} ${row.kernel}`,
      expected,
      ours(profiles.get(row.profile), `${row.profile}.json`, row, dialect, policy, true),
    );
  }
  say(`${file}: ${count.equal - before[0]} equal, ${problems.length - before[1]} different`);
}

/** Inputs too long to be recorded, rebuilt and checked by their hash. */
function rebuilt(row) {
  const tail = '"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}';
  const number = Number(/\d+/.exec(row.name)?.[0] ?? 0);
  const huge = 'x'.repeat(2 ** 20);
  const candidates = {
    'nest-arrays': `{"defaultAction":"SCMP_ACT_ERRNO","x":${'['.repeat(number)}${']'.repeat(number)},${tail}`,
    'nest-objects': `{"defaultAction":"SCMP_ACT_ERRNO","x":${'{"a":'.repeat(number)}1${'}'.repeat(number)},${tail}`,
    'huge-string': `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["${huge}"],"action":"A"}]}`,
  };
  const bytes = Buffer.from(candidates[/^[a-z]+-[a-z]+/.exec(row.name)?.[0] ?? ''] ?? '');
  return createHash('sha256').update(bytes).digest('hex') === row.input_sha256 ? bytes : undefined;
}

function bytesOf(row) {
  if (row.input !== undefined) return Buffer.from(row.input);
  return row.input_b64 === undefined ? rebuilt(row) : Buffer.from(row.input_b64, 'base64');
}

const known = [];
/** Files that moby takes for "no seccomp". */
const refused = [];
let skipped = 0;
function checkEdges() {
  const before = [count.equal, problems.length];
  for (const line of readFileSync(`${directory}/edge.jsonl`, 'utf8').trim().split('\n')) {
    const row = JSON.parse(line);
    const bytes = bytesOf(row);
    if (bytes === undefined) {
      skipped += 1;
      continue;
    }
    const label = `edge ${row.id} ${row.name}`;
    const got = ours(bytes, 'edge.json', row, 'moby', 'host', true);
    if (row.moby.output_sha256 !== undefined)
      got.text = createHash('sha256')
        .update(got.text ?? '')
        .digest('hex');
    // moby takes any object without rules for "no seccomp"; here such a file is refused by what it is.
    if (row.moby.output_text === 'null' && /is not a profile/.test(got.error ?? '')) refused.push(row.name);
    else compare(`${label} (moby)`, row.moby.output_text ?? row.moby.output_sha256, got);
    checkEdgeAsIsulad(row, bytes, label);
  }
  say(`edge.jsonl: ${count.equal - before[0]} equal, ${problems.length - before[1]} different, ${skipped} skipped`);
}

/** Bytes that are not UTF-8, which iSulad copies, are refused here. */
function checkEdgeAsIsulad(row, bytes, label) {
  const got = ours(bytes, 'edge.json', row, 'isulad', 'host', true);
  const isRefused =
    row.isulad.error !== undefined || row.isulad.error_b64 !== undefined || row.isulad.panic !== undefined;
  if (isRefused) {
    compare(`${label} (isulad)`, undefined, got);
    return;
  }
  if (row.isulad.output_text === undefined && row.isulad.output_text_b64 === undefined) return;
  if (got.text !== row.isulad.output_text && /low-surrogate|utf8/.test(row.name)) known.push(`${row.id} ${row.name}`);
  else compare(`${label} (isulad)`, row.isulad.output_text, got);
}

/** What a spec does: per call the set of its rules, whatever their order. */
function behaviour(spec) {
  const calls = new Map();
  for (const { names, ...rule } of spec.syscalls) {
    const text = JSON.stringify(rule, Object.keys({ ...rule, index: 0, value: 0, valueTwo: 0, op: '' }).sort());
    for (const name of names) calls.set(name, new Set([...(calls.get(name) ?? []), text]));
  }
  const rules = [...calls].map(([name, texts]) => `${name}: ${[...texts].sort().join(' ')}`).sort();
  return JSON.stringify({ ...spec, syscalls: rules });
}

const ARCHITECTURES = /** @type {const} */ ([
  '386',
  'amd64',
  'arm',
  'arm64',
  'ppc64le',
  'riscv64',
  's390',
  's390x',
  'mips64',
  'mips64le',
  'loong64',
]);

/** Every combination of architecture, rules, policy, kernel and one of the sets of capabilities. */
const everyRequest = (/** @type {readonly string[]} */ sets) =>
  ARCHITECTURES.flatMap((arch) =>
    /** @type {const} */ (['moby', 'isulad']).flatMap((dialect) =>
      /** @type {const} */ (['all', 'host', 'native']).flatMap((policy) =>
        sets.flatMap((caps) =>
          ['4.4', '4.8', '6.18'].map((kernel) => ({
            arch,
            policy,
            dialect,
            capabilities: parseCapabilities(caps),
            kernel,
          })),
        ),
      ),
    ),
  );

function checkDefault() {
  const theirs = loadProfile(profiles.get('moby-2026-v0.2.3'), 'moby', { lenient: false });
  const own = defaultProfile();
  const mine = loadProfile(Buffer.from(own.text), own.name, { lenient: false });
  let equal = 0;
  let different = 0;
  for (const request of everyRequest(['docker', 'none', 'all', ...parseCapabilities('all')])) {
    const [a, b] = [theirs, mine].map((profile) => behaviour(convertProfile(profile, request).spec));
    if (a === b) {
      equal += 1;
      continue;
    }
    different += 1;
    if (different === 1) problems.push(`default profile, ${JSON.stringify(request)}\n  moby ${a}\n  own  ${b}`);
  }
  say(`built-in default against moby's: ${equal} equal, ${different} different`);
}

function checkStrict() {
  const messages = [...profiles].flatMap(([name, bytes]) => {
    try {
      loadProfile(bytes, `${name}.json`, { lenient: false });
      return [];
    } catch (error) {
      return [error.message];
    }
  });
  say(
    `without --lenient: ${profiles.size - messages.length} of ${profiles.size} profiles accepted; ` +
      messages.join('; '),
  );
}

checkGolden('golden-moby.jsonl', 'moby', 'host');
checkGolden('golden-moby-synthetic.jsonl', 'moby', 'host');
checkGolden('golden-isulad.jsonl', 'isulad', 'host');
checkGolden('golden-isulad-old.jsonl', 'isulad', 'all');
checkEdges();
checkDefault();
checkStrict();
if (known.length > 0) say(`not imitated (iSulad writes invalid UTF-8): ${known.join(', ')}`);
if (refused.length > 0) say(`refused, "no seccomp" for moby: ${refused.join(', ')}`);
for (const problem of problems.slice(0, 20)) say(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
