import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Results folders as their files say, the oldest first; whether they are whole is for `bench report` to check, which
 * verifies their checksums.
 */
export function readResults(parent) {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .sort()
    .map((name) => {
      const folder = join(parent, name);
      const samples = readFileSync(join(folder, 'samples.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const optional = (file) => (existsSync(join(folder, file)) ? json(join(folder, file)) : null);
      return {
        name,
        folder,
        host: json(join(folder, 'host.json')),
        plan: json(join(folder, 'plan.json')),
        evidence: json(join(folder, 'evidence.json')),
        ledger: optional('ledger.json'),
        syscalls: optional('syscalls.json'),
        containers: lastAttempts(samples).filter(({ kind, warmup }) => kind === 'container' && !warmup),
      };
    });
}

/** Samples that count: a block in which the machine stood still is run again, and its last attempt replaces it. */
export function lastAttempts(samples) {
  const keyOf = ({ warmup, block }) => `${warmup ? 'warmup' : 'block'} ${block}`;
  const last = new Map(samples.map((sample) => [keyOf(sample), sample.attempt ?? 0]));
  return samples.filter((sample) => (sample.attempt ?? 0) === last.get(keyOf(sample)));
}

/** `runc, sequential`, or the published case's name. */
export const titleOf = ({ plan: { engine, scenario } }) => `${engine.name}, ${scenario.published ?? scenario.kind}`;

/** Containers that the plan asks for, warm-up apart. */
export const plannedOf = ({ plan: { scenario } }) =>
  scenario.count * scenario.arms.length * (scenario.kind === 'parallel' ? scenario.rounds : 1);
