// Proves that payload/bin/ is what payload/*.c says: every file has the recorded SHA-256 and is small; and those whose
// recorded tools are here are
// built again, in a temporary folder, and must come out byte for byte. Exit 1 on any difference; what could not be
// rebuilt is named with the reason, and with --all counts as a difference.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST_BYTES = 16 * 1024 - 1;
const EXPECTED = ['x86_64', 'aarch64'].flatMap((machine) =>
  ['payload', 'caller', 'loader', 'gate', 'bpf-build', 'probe32', 'crowd', 'attach'].map(
    (name) => `${machine}/${name}`,
  ),
);
const payload = fileURLToPath(new URL('../payload/', import.meta.url));
const kept = join(payload, 'bin');

/** COMPILERS.tsv -> Map of path to { sha256, tools }. */
function readNotes(folder) {
  const lines = readFileSync(join(folder, 'COMPILERS.tsv'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [path, sha256, tools] = line.split('\t');
      return [path, { sha256, tools }];
    }),
  );
}

const sha256Of = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** What is wrong with a kept file as it lies there, or undefined. */
function faultOfKept(path, note) {
  const file = join(kept, path);
  if (!existsSync(file)) return 'is missing';
  if (note === undefined) return 'has no line in COMPILERS.tsv';
  if (sha256Of(file) !== note.sha256) return 'is not the file that COMPILERS.tsv records';
  if (statSync(file).size > MOST_BYTES) return `has ${statSync(file).size} bytes, expected at most ${MOST_BYTES}`;
  if ((statSync(file).mode & 0o111) === 0) return 'is not executable';
  return undefined;
}

/** @returns {['same' | 'skipped' | 'DIFFERENT', string]} */
function compare(path, recorded, rebuilt) {
  const fault = faultOfKept(path, recorded);
  if (fault !== undefined) return ['DIFFERENT', fault];
  if (rebuilt === undefined) return ['skipped', 'no compiler for it here'];
  if (rebuilt.tools !== recorded.tools) return ['skipped', `recorded with ${recorded.tools}; here is ${rebuilt.tools}`];
  return rebuilt.sha256 === recorded.sha256
    ? ['same', recorded.tools]
    : ['DIFFERENT', `sources give ${rebuilt.sha256}, kept is ${recorded.sha256}`];
}

const folder = mkdtempSync(join(tmpdir(), 'check-payload-'));
try {
  const built = spawnSync(join(payload, 'build.sh'), [folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (built.status !== 0) {
    process.stderr.write(
      `check-payload: payload/build.sh ended with ${built.error?.message ?? built.status ?? built.signal}\n`,
    );
    process.exitCode = 1;
  } else {
    const recorded = readNotes(kept);
    const rebuilt = readNotes(folder);
    for (const path of new Set([...EXPECTED, ...recorded.keys()])) {
      const [outcome, detail] = compare(path, recorded.get(path), rebuilt.get(path));
      process.stdout.write(`${outcome.padEnd(9)} ${path}: ${detail}\n`);
      if (outcome === 'DIFFERENT' || (outcome === 'skipped' && process.argv.includes('--all'))) process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
