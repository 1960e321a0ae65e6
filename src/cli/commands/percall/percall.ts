import type { EngineChoice } from '../../../model/container/container.js';
import type { CallsRequest, ConversionRequest, EngineRequest } from '../../../model/experiment/request.js';
import type { Io } from '../../../model/io.js';
import type { PercallScenario } from '../../../model/run/kinds/percall.js';
import type { ArmDefinition } from '../../../model/run/scenario.js';
import { contextOf } from '../../context.js';
import type { OutputOptions } from '../../options/output.js';
import type { RunOptions } from '../../options/run.js';
import type { ExportFiles, GateSettings } from '../../output/plan.js';
import { commonRequest } from '../../request.js';

/** All that is measured and told, checked. */
export interface PercallRun {
  readonly scenario: PercallScenario;
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  readonly run: RunOptions;
  /** A share. */
  readonly margin: number;
  readonly gate: GateSettings;
  readonly exports: ExportFiles;
  readonly output: OutputOptions;
  /** Files that it is made of, besides those of its scenario. */
  readonly inputs?: readonly string[];
}

/** Times calls in new containers and concludes. Gives the exit code. */
export async function percall(options: PercallRun, terminal: Io): Promise<number> {
  const io = readingOnce(terminal);
  const { scenario, engine, output, margin, gate, exports, inputs = [] } = options;
  const [{ inputsOf }, { planOutput }] = await Promise.all([
    import('../../output/places.js'),
    import('../../output/plan.js'),
  ]);
  const read = [...inputs, ...inputsOf(scenario, engine)];
  const plan = planOutput({ kind: 'calls', ...output, margin, gate, exports, inputs: read, showCalls: false }, io);
  const { runExperiment } = await import('../../../experiment/index.js');
  const result = await runExperiment(await requestOf(options, io), await contextOf(io, output));
  // Statistics and charts are loaded only now: before, they would be in the way of the measurement.
  const { conclude } = await import('../../output/conclude.js');
  return conclude(result, plan, io);
}

/** A filter on standard input is looked at before it is measured. */
function readingOnce(io: Io): Io {
  let read: ReturnType<Io['stdin']> | undefined;
  return { ...io, stdin: () => (read ??= io.stdin()) };
}

/** The arms; a filter that is built already is one arm, whatever the architectures. */
async function armsOf(
  { scenario: { profile, arms, equalArms }, conversion }: PercallRun,
  io: Io,
): Promise<readonly ArmDefinition[]> {
  if (profile === undefined || equalArms === 'refuse') return arms;
  const { readSource, sourceOptions } = await import('../../../profile/index.js');
  const { kind } = await readSource(profile, io, sourceOptions(conversion));
  return kind === 'profile' ? arms : [{ name: 'filter', policy: 'host', impliedPolicy: true, profile }];
}

async function requestOf(options: PercallRun, io: Io): Promise<CallsRequest> {
  const { scenario, engine, ...common } = options;
  const { percallArms } = await import('../../../scenario/index.js');
  const arms = percallArms(await armsOf(options, io));
  const isMade = arms.some(({ making }) => making !== undefined);
  const choice: EngineChoice = engine.choice === 'auto' && isMade ? 'namespaces' : engine.choice;
  const { name, title, architecture, profile, dialect, blocks, warmup } = scenario;
  return {
    kind: 'calls',
    ...(await commonRequest({ ...common, engine: { ...engine, choice } }, io)),
    scenario: {
      kind: 'sequential',
      name,
      ...(title === undefined ? {} : { title }),
      ...(architecture === undefined ? {} : { architecture }),
      arms,
      ...(profile === undefined ? {} : { profile }),
      dialect,
      count: blocks,
      warmup,
      pauseMs: 0,
    },
    calls: scenario.calls,
    droppable: scenario.droppable,
    rounds: scenario.repeats,
    loops: scenario.loops,
    ...(scenario.actions.length === 0 ? {} : { actions: scenario.actions }),
    equalArms: scenario.equalArms,
  };
}
