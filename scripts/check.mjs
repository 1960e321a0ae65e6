// What `npm test` checks before the tests of the build, side by side: node scripts/check.mjs
// Each is a script of package.json; all run to their end, and what they print follows one after another. ESLint takes
// longer than the others together.
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

/** Runs scripts one after another. */
async function runAll(/** @type {readonly string[]} */ scripts) {
  const statuses = [];
  for (const script of scripts) statuses.push(await run(script));
  return statuses;
}

const statuses = await Promise.all([['lint:rules'], ['lint:format', 'lint:unused', 'types']].map(runAll));
process.exitCode = statuses.flat().every((status) => status === 0) ? 0 : 1;
