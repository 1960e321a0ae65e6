import { BenchError } from '../../errors.js';
import type { Io } from '../../model/io.js';
import type { ArmDefinition, ArmPolicy, Scenario } from '../../model/run/scenario.js';
import { makeScenario, parseArm } from '../../scenario/index.js';
import { measure } from '../old-entry.js';
import { mostBlocks } from '../options/stopping.js';
import type { ScenarioFlags } from './sequential.js';
import type { MeasureOptions } from '../options/settings.js';

export type AbOptions = MeasureOptions &
  Pick<ScenarioFlags, 'count' | 'warmup' | 'pause' | 'profile' | 'dialect'> & {
    /** `runtime=PATH` or `profile=FILE[:POLICY]`. */
    readonly a?: string;
    readonly b?: string;
    /** Two commands with `---` between them. */
    readonly commands: readonly string[];
  };

/** What sets an arm apart, without its name. */
type Treatment = Omit<ArmDefinition, 'name' | 'copyOf'>;

const FORMS =
  'bench ab --a runtime=PATH --b runtime=PATH | --a profile=FILE --b profile=FILE | -- COMMAND A --- COMMAND B';

/** `bench ab`: two runtimes, two profiles or two commands, interleaved in one run, with a control of the first. */
export function run(options: AbOptions, io: Io): Promise<number> {
  const [a, b] = treatments(options);
  return measure(abScenario(a, b, options), options, io);
}

function abScenario(a: Treatment, b: Treatment, options: AbOptions): Scenario {
  const { warmup, pause, profile, dialect } = options;
  const base = makeScenario({
    kind: 'sequential',
    count: mostBlocks(options.count, options),
    warmup,
    pause,
    profile,
    dialect,
  });
  return {
    ...base,
    name: base.name.replace('sequential', 'ab'),
    arms: [
      { name: 'a', ...a },
      { name: 'b', ...b },
      { name: 'control', ...a, copyOf: 'a' },
    ],
  };
}

function treatments({ a, b, commands }: AbOptions): readonly [Treatment, Treatment] {
  if (commands.length > 0) {
    if (a !== undefined || b !== undefined) throw usage('either --a and --b, or two commands', 'both');
    return twoCommands(commands);
  }
  if (a === undefined || b === undefined)
    throw usage('--a and --b', a === undefined && b === undefined ? 'neither' : 'one of them');
  const both = [treatment('--a', a), treatment('--b', b)] as const;
  if ((both[0].runtime === undefined) !== (both[1].runtime === undefined))
    throw usage('two runtimes or two profiles', `${a} and ${b}`);
  return both;
}

function twoCommands(words: readonly string[]): readonly [Treatment, Treatment] {
  const at = words.indexOf('---');
  const [first, second] = [words.slice(0, Math.max(at, 0)), words.slice(at + 1)];
  if (at < 0 || first.length === 0 || second.length === 0)
    throw usage('two commands with --- between them', JSON.stringify(words.join(' ')));
  const policy: ArmPolicy = 'unconfined';
  return [
    { policy, command: first },
    { policy, command: second },
  ];
}

function treatment(option: string, text: string): Treatment {
  const [, kind, value] = /^(runtime|profile)=(.+)$/s.exec(text) ?? [];
  if (kind === 'runtime' && value !== undefined) return { policy: 'host', runtime: value };
  if (kind === 'profile' && value !== undefined) return profileTreatment(value);
  throw usage(`${option} runtime=PATH or ${option} profile=FILE[:POLICY]`, text);
}

/** A policy may follow the last colon; without one it is `host`. */
function profileTreatment(value: string): Treatment {
  const named = /:(?:all|host|native|unconfined)$/.test(value) ? value : `${value}:host`;
  const { policy, profile } = parseArm(`arm=${named}`);
  return { policy, ...(profile === undefined ? {} : { profile }) };
}

const usage = (expected: string, got: string): BenchError =>
  new BenchError('usage', `Expected ${expected}, got ${got}`, { hint: FORMS });
