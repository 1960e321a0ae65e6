import type { Command } from 'commander';
import type { Call } from '../program.js';

/** Declares `doctor` and `clean`. */
export function declareMachine(program: Command, call: Call): void {
  program
    .command('doctor')
    .description('say which engines work here, what stands in the way of the others, and how to fix that')
    .option('--json', 'one JSON document instead of text', false)
    .action((options: import('../commands/doctor.js').DoctorOptions) =>
      call(() => import('../commands/doctor.js'), options),
    );

  program
    .command('clean')
    .description('remove what earlier runs left behind, and only that')
    .option('--dry-run', 'say what would be removed', false)
    .action((options: import('../commands/clean.js').CleanOptions) =>
      call(() => import('../commands/clean.js'), options),
    );
}
