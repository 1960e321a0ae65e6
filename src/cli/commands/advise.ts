import type { Command } from 'commander';
import { conflict, invalidValue } from '../../errors.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { AdviceRequest, CountsSource } from '../../model/experiment/advice-request.js';
import type { Io } from '../../model/io.js';
import { LIMITS } from '../../model/run/limits.js';
import type { Act } from '../act.js';
import { contextOf } from '../context.js';
import { declareCalls, parseCalls } from '../options/calls.js';
import type { RawCalls } from '../options/calls.js';
import { declareConversion, declareDialect, parseConversion, PROFILE_FORMS } from '../options/conversion.js';
import type { RawConversion, RawProfile } from '../options/conversion.js';
import { declareEngine, parseEngine } from '../options/engine.js';
import type { RawEngine } from '../options/engine.js';
import { finish, option } from '../options/option.js';
import { declareOutput, parseOutput } from '../options/output.js';
import type { OutputOptions, RawOutput } from '../options/output.js';
import {
  declareMaxFailures,
  declareSeed,
  declareTimeout,
  parseMaxFailures,
  parseSeed,
  parseTimeout,
} from '../options/run.js';
import type { RawRun, RawSeed, RawTimeout } from '../options/run.js';
import { wholeNumber } from '../options/values.js';
import { commonRequest } from '../request.js';

type RawAdvise = RawCalls &
  Pick<RawProfile, 'dialect'> &
  RawEngine &
  RawConversion &
  RawSeed &
  RawTimeout &
  Pick<RawRun, 'maxFailures'> &
  RawOutput & {
    readonly counts?: string;
    readonly observe?: string;
    readonly blocks: string;
    readonly callBlocks: string;
  };

/** Engines whose filters bench makes, or whose runtime it starts itself. */
const ENGINES: readonly EngineChoice[] = ['namespaces', 'bwrap', 'runc', 'crun', 'oci'];

/** `bench advise`: what each option for a profile would save, measured, and what it means for security. */
export function declareAdvise(cli: Command, act: Act): void {
  const command = cli
    .command('advise')
    .summary('find what makes a profile cheaper')
    .description(
      'measure what each change to a profile would save per start and per call, and what it means for security',
    )
    .argument('[profile]', `${PROFILE_FORMS}, or - for standard input (default: built-in)`)
    .addOption(
      option(
        '--counts <file>',
        'how often each call is made, for ordering rules: a table of strace -c or perf trace -s, or a syscalls.json',
        'common',
      ),
    )
    .addOption(option('--observe <command>', 'run a command line once under strace and use its counts', 'common'))
    .addOption(option('--blocks <n>', 'starts per arm', 'common').default('100', '100'))
    .addOption(option('--call-blocks <n>', 'containers per arm for timing calls', 'common').default('20', '20'));
  declareCalls(command);
  declareEngine(command, {
    choices: ENGINES,
    default: 'namespaces',
    about: 'what creates the containers; of the runtimes, crun takes filters that it does not build itself',
  });
  declareOutput(command);
  declareConversion(declareDialect(command));
  declareMaxFailures(declareTimeout(declareSeed(command)));
  finish(command, ['bench advise my-profile.json', 'bench advise my-profile.json --observe "ls -lR /usr"']).action(
    (profile: string | undefined, raw: RawAdvise) => act((io) => advise(profile, raw, io)),
  );
}

async function advise(profile: string | undefined, raw: RawAdvise, io: Io): Promise<number> {
  const output = parseOutput(raw);
  const request = await requestOf(profile, raw, output, io);
  const { NO_GATE, planOutput } = await import('../output/plan.js');
  const plan = planOutput(
    { kind: 'advice', ...output, margin: MARGIN, gate: NO_GATE, exports: {}, inputs: [], showCalls: false },
    io,
  );
  const { runAdvice } = await import('../../advise/index.js');
  const { starts, calls, ended, failed, notRemoved } = await runAdvice(request, await contextOf(io, output));
  // Statistics and charts are loaded only now: before, they would be in the way of the measurement.
  const { conclude } = await import('../output/conclude.js');
  const isAdvice = calls !== null || (ended === 'complete' && notRemoved === null);
  if (isAdvice) return conclude({ folders: [starts], failed, notRemoved }, plan, io);
  // Stopped before the prices of calls: the starts are reported, as those of any run that was stopped.
  return conclude({ folders: [starts], failed, notRemoved }, { ...plan, reportsFolder: null }, io);
}

/** A share; differences below it do not matter. */
const MARGIN = 0.01;

async function requestOf(
  profile: string | undefined,
  raw: RawAdvise,
  output: OutputOptions,
  io: Io,
): Promise<AdviceRequest> {
  if (profile === '-')
    throw invalidValue('profile', 'a file', 'standard input, which can be read only once', {
      hint: 'Write it to a file first.',
    });
  const options = {
    counts: countsSource(raw),
    calls: parseCalls(raw),
    startBlocks: wholeNumber('--blocks', raw.blocks, LIMITS.count),
    callBlocks: wholeNumber('--call-blocks', raw.callBlocks, LIMITS.count),
  };
  const run = { seed: parseSeed(raw), pin: null, timeoutMs: parseTimeout(raw), maxFailures: parseMaxFailures(raw) };
  const common = await commonRequest({ engine: parseEngine(raw), conversion: parseConversion(raw), run, output }, io);
  return { profile: profile ?? null, dialect: raw.dialect, ...options, ...common };
}

function countsSource({ counts, observe }: Pick<RawAdvise, 'counts' | 'observe'>): CountsSource | null {
  if (counts !== undefined && observe !== undefined)
    throw conflict('--counts', '--observe', { hint: 'Give the file, or the command to count.' });
  if (counts !== undefined) return { kind: 'file', path: counts };
  return observe === undefined ? null : { kind: 'observe', command: observe };
}
