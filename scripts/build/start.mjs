#!/usr/bin/env node
// The command as it is installed. Its help is asked for often and never changes, so the build renders it and this file
// prints it; anything else, and a terminal that wants other line breaks, goes to the bundle.
/* global HELP */

const { columns } = process.stdout;
const [first, ...others] = process.argv.slice(2);
const wantsHelp = others.length === 0 && (first === '--help' || first === '-h');
if (wantsHelp && (columns === undefined || columns === 80)) {
  // A closed pipe (bench --help | head -1) is the reader's choice; the bundle explains any other error.
  process.stdout.on('error', ({ code }) => {
    if (code !== 'EPIPE') void import('./cli/main.js');
  });
  process.stdout.write(HELP);
} else {
  await import('./cli/main.js');
}
