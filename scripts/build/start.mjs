#!/usr/bin/env node
// The installed command. The build renders `bench --help`, which this file prints without loading anything else; all
// other commands, and terminals narrower than the rendered help, need the bundle.
/* global HELP, HELP_COLUMNS */

// Undefined where standard output is no terminal.
const { columns } = process.stdout;
const [first, ...others] = process.argv.slice(2);
const wantsHelp = others.length === 0 && (first === '--help' || first === '-h');
if (wantsHelp && (columns === undefined || columns >= HELP_COLUMNS)) {
  // A closed pipe (bench --help | head -1) is the reader's choice; the bundle explains any other error.
  process.stdout.on('error', ({ code }) => {
    if (code !== 'EPIPE') void import('./cli/main.js');
  });
  process.stdout.write(HELP);
} else {
  await import('./cli/main.js');
}
