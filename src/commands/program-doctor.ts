import type { Command } from 'commander';
import type { Call } from './program.js';

/** Declares `doctor`. */
export function declareDoctor(program: Command, call: Call): void {
  program.command('doctor')
    .description('say which engines work here, what stands in the way of the others, and how to fix that')
    .option('--json', 'one JSON document instead of text', false)
    .action((options: import('./doctor.js').DoctorOptions) => call(() => import('./doctor.js'), options));
}
