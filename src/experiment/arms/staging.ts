import { adoptOrphans } from '../../process/steps.js';
import { BenchError } from '../../errors.js';
import type { Engine } from '../../model/container/container.js';
import type { Scenario } from '../../model/run/scenario.js';

/** Makes sure that the stages of a run can be timed as asked. Throws `usage` before anything is started. */
export function assertStageable(scenario: Scenario, staged: boolean): void {
  if (!staged) return;
  if (scenario.kind === 'parallel') {
    throw new BenchError('usage', 'stages require a sequential scenario; this one is parallel', {
      hint: 'Containers that start at the same time slow each other down. Use bench sequential --stages.',
    });
  }
  if (scenario.program !== undefined) {
    throw new BenchError('usage', 'stages require the payload, but this scenario has a program', {
      hint: 'Use bench sequential --stages.',
    });
  }
  if (scenario.arms.some(({ command }) => command !== undefined)) {
    throw new BenchError('usage', 'stages require containers; commands have none', {
      hint: 'bench ab --a runtime=PATH --b runtime=PATH --stages',
    });
  }
}

/** Readies this process for an engine whose stages are to be timed. Throws `usage` where it has none. */
export function prepareStages({ facts, stages }: Engine, staged: boolean): void {
  if (!staged || stages === 'always') return;
  if (stages === 'never') {
    throw new BenchError('usage', `--engine ${facts.name} cannot time the stages of a start`, {
      hint: 'Use --engine runc or crun, or leave out --stages.',
    });
  }
  adoptOrphans();
}
