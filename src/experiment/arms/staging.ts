import { adoptOrphans } from '../../process/steps.js';
import { BenchError } from '../../errors.js';
import type { Engine } from '../../model/container/container.js';
import type { Scenario } from '../../model/run/scenario.js';

/** Makes sure that the stages of a run can be told apart as asked. Throws `usage` before anything is started. */
export function assertStageable(scenario: Scenario, staged: boolean): void {
  if (!staged) return;
  if (scenario.kind === 'parallel') {
    throw new BenchError('usage', 'Expected a sequential scenario with --stages, got a parallel one', {
      hint: "Stages of containers that get in each other's way say nothing: bench sequential --stages.",
    });
  }
  if (scenario.program !== undefined) {
    throw new BenchError(
      'usage',
      "Expected the payload with --stages, got a program of the user's, whose first instruction nobody stamps",
      { hint: 'bench sequential --stages tells the stages of a start apart.' },
    );
  }
  if (scenario.arms.some(({ command }) => command !== undefined)) {
    throw new BenchError('usage', 'Expected containers with --stages, got commands, which have no stages', {
      hint: 'bench ab --a runtime=PATH --b runtime=PATH --stages',
    });
  }
}

/** Readies this process for an engine whose stages are to be told apart. Throws `usage` where it has none. */
export function prepareStages({ facts, stages }: Engine, staged: boolean): void {
  if (!staged || stages === 'always') return;
  if (stages === 'never') {
    throw new BenchError(
      'usage',
      `Expected an engine with stages for --stages, got ${facts.name}, which cannot tell them apart`,
      { hint: 'Use --engine runc or crun, or leave --stages away.' },
    );
  }
  adoptOrphans();
}
