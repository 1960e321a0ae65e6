// What must be true of the one report of both machines, read from its summary.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { picturesIn } from './checks.mjs';

const CASES = ['arm64-parallel', 'arm64-sequential', 'x86_64-parallel', 'x86_64-sequential'];

export function checkReport(folder, tally) {
  const { runs } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  const pictures = picturesIn(folder);
  tally.check(
    'The report holds the four published cases, each measured',
    runs
      .map(({ title }) => title.replace(/ \(.*/, '').replace(' ', '-'))
      .sort()
      .join(' ') === CASES.join(' '),
    runs.map(({ title }) => title).join(', '),
  );
  // The batches are smaller than the published ones here; a shorter sequence differs in length alone.
  for (const id of CASES) {
    const isPublished = id.endsWith('-sequential');
    tally.check(
      `${id}: the published chart is ${isPublished ? 'drawn with the measured one' : 'left out: smaller batches'}`,
      pictures.includes(`published-${id}.png`) === isPublished &&
        pictures.some((name) => name.endsWith('-bars.png') && name.includes(`isulad-${id}`)) === isPublished,
      pictures.filter((name) => name.includes(id)).join(', '),
    );
  }
  for (const run of runs) checkRun(run, tally);
  const rows = runs
    .filter(({ emulation }) => emulation === null)
    .flatMap(({ comparisons }) => comparisons)
    .filter(({ family }) => family !== null);
  tally.check(
    'Rows that are tested together are those of the real machine alone',
    rows.every(({ family }) => family.rows === rows.length),
    `${rows.length} rows`,
  );
  checkPage(readFileSync(join(folder, 'index.html'), 'utf8'), tally);
}

function checkRun({ title, machine, emulation, comparisons, exact, verdicts }, tally) {
  const timed = comparisons.filter(({ effect }) => effect !== null);
  if (machine === 'aarch64') {
    tally.check(
      `${title}: no verdict is drawn from emulated times`,
      emulation?.kind === 'tcg' &&
        timed.length > 0 &&
        timed.every(({ verdict, family }) => verdict === 'functional' && family === null),
      verdicts.map(({ verdict }) => verdict).join(', '),
    );
  } else {
    tally.check(
      `${title}: the times of the real machine are judged`,
      emulation === null && timed.every(({ verdict }) => verdict !== 'functional'),
      verdicts.map(({ verdict }) => verdict).join(', '),
    );
  }
  const known = exact.filter(
    ({ arm, quantity }) => arm === 'after' && (quantity === 'specBytes' || quantity === 'filterInstructions'),
  );
  tally.check(
    `${title}: bytes and instructions are compared exactly`,
    known.length === 2 && known.every(({ verdict }) => verdict === 'fewer'),
    known.map(({ quantity, baselineValue, value }) => `${quantity} ${baselineValue} -> ${value}`).join(', '),
  );
}

function checkPage(html, tally) {
  const badges = [...html.matchAll(/<li><span class="badge (\w+)"/g)].map(([, verdict]) => verdict);
  tally.check(
    'The page marks what was emulated',
    badges.includes('functional') &&
      badges.some((verdict) => verdict !== 'functional') &&
      html.includes('(emulated: QEMU TCG)'),
    badges.join(' '),
  );
}
