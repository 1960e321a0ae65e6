// npm run soak -- KIND: tries bench for long, or with much that is wrong (dist/: build first); `--help` says how.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { Failure } from '../shared/failure.mjs';
import { Tally } from '../shared/tally.mjs';
import { CLI } from './bench.mjs';
import { readSettings, USAGE } from './settings.mjs';
import { markdown, plain, publish } from './table.mjs';

const PARTS = {
  kills: () => import('./kills.mjs').then(({ kills, COLUMNS }) => ({ run: kills, columns: COLUMNS })),
  faults: () => import('./faults.mjs').then(({ faults, COLUMNS }) => ({ run: faults, columns: COLUMNS })),
  fuzz: () => import('./fuzz.mjs').then(({ fuzz, COLUMNS }) => ({ run: fuzz, columns: COLUMNS })),
  hour: () => import('./hour.mjs').then(({ hour, COLUMNS }) => ({ run: hour, columns: COLUMNS })),
  load: () => import('./load.mjs').then(({ load, COLUMNS }) => ({ run: load, columns: COLUMNS })),
};

const write = (text) => {
  process.stdout.write(text);
};

async function main() {
  const settings = readSettings(process.argv.slice(2));
  if (settings === null) {
    write(USAGE);
    return 0;
  }
  if (!existsSync(CLI)) throw new Failure(2, 'dist/cli.js not found', 'npm run build');
  const interruption = new AbortController();
  const stop = () => {
    interruption.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  // Short: the path of a daemon's socket has room for 107 bytes.
  const work = mkdtempSync(join(settings.work ?? tmpdir(), 'soak-'));
  const generator = xoroshiro128plus(settings.seed);
  const tally = new Tally(write, { onlyFailures: settings.kind === 'fuzz' });
  const { run, columns } = await PARTS[settings.kind]();
  write(`soak ${settings.kind}: seed ${settings.seed}\n`);
  const started = Date.now();
  const soak = { ...settings, work, tally, signal: interruption.signal, say: (text) => write(`${text}\n`) };
  const rows = await run({ ...soak, draw: (low, high) => uniformInt(generator, low, high) });
  // What failed is kept there.
  if (readdirSync(work).length === 0 || tally.failed === 0) rmSync(work, { recursive: true, force: true });
  const minutes = Math.round((Date.now() - started) / 6000) / 10;
  write(`\n${plain(columns, rows)}\n\n${minutes} minutes\n`);
  const exitCode = tally.end();
  if (interruption.signal.aborted) return 130;
  const text = published({ settings, columns, rows, minutes, tally });
  if (settings.out !== undefined) writeFileSync(settings.out, `${text}\n`);
  if (settings.publish) publish(settings.kind, text);
  return exitCode;
}

function published({
  settings: { kind, count, seed, minutes: asked, everySeconds },
  columns,
  rows,
  minutes,
  tally: { passed, failed, skipped },
}) {
  const size = kind === 'hour' ? ` --minutes ${asked} --every ${everySeconds}` : ` --count ${count}`;
  const counted = Number.isFinite(count) ? size : '';
  return [
    `\`npm run soak -- ${kind}${counted} --seed ${seed}\` (${minutes} minutes): ${passed} passed, ${failed} failed, ` +
      `${skipped} skipped.`,
    '',
    markdown(columns, rows),
  ].join('\n');
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`soak: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = error.exitCode;
}
