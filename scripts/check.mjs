// What `npm test` checks before its tests, side by side: node scripts/check.mjs
// Each is a script of package.json; all run to their end, and what they print follows one after another.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Runs a script of package.json to its end. */
function run(/** @type {string} */ script) {
  const child = spawn('npm', ['run', script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => {
      process.stdout.write(output);
      done(status);
    });
  });
}

const statuses = await Promise.all(['lint', 'types'].map(run));
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
