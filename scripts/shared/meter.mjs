import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tells what the process took at its end; in a file of its own, because standard error is what is looked at. */
const METER = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, mib: maxRSS / 1024 };
  require('fs').writeFileSync(process.env.METER_USAGE, JSON.stringify(usage));
});`;

/** What a process of Node took, found in a folder: start it with `args` and `env`, and ask for `usage` at its end. */
export function meterIn(folder) {
  const [meter, file] = ['meter.cjs', 'usage.json'].map((name) => join(folder, name));
  writeFileSync(meter, METER);
  rmSync(file, { force: true });
  return {
    args: ['--require', meter],
    env: { METER_USAGE: file },
    /** @returns {{ cpuMs: number, mib: number } | null} null: it was killed */
    usage: () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null),
  };
}
