import type { Command } from 'commander';
import type { Act } from '../act.js';

/** Declares `doctor` and `clean`. */
export function declareMachine(program: Command, act: Act): void {
  program
    .command('doctor')
    .description('say which engines work here, what stands in the way of the others, and how to fix that')
    .option('--json', 'one JSON document instead of text', false)
    .action((options: import('../commands/doctor.js').DoctorOptions) =>
      act(async (io) => (await import('../commands/doctor.js')).run(options, io)),
    );

  program
    .command('clean')
    .description('remove what earlier runs left behind, and only that')
    .option('--dry-run', 'say what would be removed', false)
    .action((options: import('../commands/clean.js').CleanOptions) =>
      act(async (io) => (await import('../commands/clean.js')).run(options, io)),
    );
}
