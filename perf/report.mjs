// `bench report` of very much: a million samples, and a thousand folders.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fleetIn, writeRun } from './analysis.mjs';
import { meterIn } from '../scripts/shared/meter.mjs';
import { CLI } from './pairs.mjs';

const EXAMPLE = fileURLToPath(new URL('../results/example-x86_64-runc', import.meta.url));
const FOLDERS = 1000;
const REPORT_SECONDS = 10;

/** What `bench report` of these folders takes, and the size of its page in MiB. */
function reported(folders, parent) {
  const meter = meterIn(parent);
  const reports = join(parent, 'reports');
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [...meter.args, CLI, 'report', ...folders, '--report', reports],
    { encoding: 'utf8', env: { ...process.env, ...meter.env } },
  );
  if (status !== 0) throw new Error(`bench report ended with exit code ${status}: ${stderr}`);
  const seconds = (performance.now() - started) / 1000;
  const { cpuMs, mib } = meter.usage() ?? { cpuMs: Number.NaN, mib: Number.NaN };
  const [name] = readdirSync(reports, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const page = statSync(join(reports, name.name, 'index.html')).size / 2 ** 20;
  rmSync(reports, { recursive: true });
  return { seconds, cpu: cpuMs / 1000, mib, page };
}

const words = ({ seconds, cpu, mib, page }) =>
  `${seconds.toFixed(1)} s (CPU ${cpu.toFixed(1)} s), ${mib.toFixed(0)} MiB, page of ${page.toFixed(1)} MiB`;

/** The rows of these figures. */
export function reportPerf() {
  const parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-perf-'));
  try {
    const rows = [];
    const add = (figure, folders, target) => {
      const one = reported(folders, parent);
      rows.push({
        figure,
        measured: words(one),
        target: target === null ? 'none' : `under ${target} s of CPU time`,
        met: target === null || one.cpu < target,
      });
    };
    writeRun(join(parent, 'long'), 333_334);
    add('`bench report` of one run of 1000002 samples', [join(parent, 'long')], REPORT_SECONDS);
    rmSync(join(parent, 'long'), { recursive: true });
    const nodes = fleetIn(parent);
    add('`bench report` of ten runs of 100002 samples each', nodes, REPORT_SECONDS);
    for (const node of nodes) rmSync(node, { recursive: true });
    const folders = Array.from({ length: FOLDERS }, (_, index) => join(parent, `run-${index}`));
    for (const folder of folders) cpSync(EXAMPLE, folder, { recursive: true });
    add(`\`bench report\` of ${FOLDERS} results folders`, folders, null);
    return rows;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}
