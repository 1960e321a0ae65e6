import type { Command } from 'commander';
import type { FilterForm } from '../../filter/index.js';
import { conflict, invalidValue } from '../../errors.js';
import type { LoadedRequest } from '../../experiment/index.js';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import type { EngineChoice } from '../../model/container/container.js';
import { declareForm, parseForm } from './form.js';
import type { RawForm } from './form.js';
import { machineList } from './machines.js';
import type { MachineList } from './machines.js';
import { choice, option } from './option.js';
import { wholeNumber, wholeOrNone } from './values.js';

const MOST_ROWS = 999_999;
const DEFAULT_ROWS = 12;
const MOST_PID = 4_194_304;

/** What one side of a difference is. */
export type DiffOperand =
  /** A file, `-`, a known name; absent: the built-in profile. */
  | { readonly kind: 'source'; readonly name: string; readonly file?: string }
  /** The filter that a container or a process has loaded. */
  | { readonly kind: 'existing'; readonly name: string; readonly request: LoadedRequest }
  /** What a runtime loads for the other side's profile. */
  | { readonly kind: 'own'; readonly name: string; readonly request: LoadedRequest }
  /** No filter. */
  | { readonly kind: 'unconfined'; readonly name: string };

export interface RawDiffSides {
  readonly engine?: EngineChoice;
  readonly runtime?: string;
  readonly root?: string;
  readonly host?: string;
}

/** Where loaded filters are read from: `--runtime`, `--engine`, `--root`, `--host`. */
export function declareDiffSides(command: Command): Command {
  return command
    .addOption(
      option(
        '--runtime <name>',
        'runc, crun or a path: the runtime of container:ID; without B, compare A with what this runtime loads for it',
        'common',
      ),
    )
    .addOption(
      choice(
        '--engine <engine>',
        'the engine of container:ID (docker, podman); without B, compare A with what this engine loads for it',
        'engine',
        { values: ENGINE_CHOICES.filter((name) => name !== 'auto'), kind: 'an engine' },
      ),
    )
    .addOption(option('--root <dir>', "container:ID: the runtime's state folder", 'engine'))
    .addOption(option('--host <address>', 'docker, podman: unix:///path of the daemon', 'engine'));
}

/** Both sides. Throws `usage`. */
export function parseDiffSides(
  before: string,
  after: string | undefined,
  raw: RawDiffSides,
): readonly [DiffOperand, DiffOperand] {
  const where = whereOf(raw);
  const isRuntime = raw.engine !== undefined || raw.runtime !== undefined;
  if (before === '-' && after === '-')
    throw conflict('- for A', '- for B', { hint: 'Standard input can be read once. Give one of them as a file.' });
  const first = operandOf(before, where);
  if (after !== undefined) {
    const second = operandOf(after, where);
    if (Object.keys(where).length > 0 && ![first, second].some(({ kind }) => kind === 'existing'))
      throw conflict(`--${Object.keys(where)[0] ?? ''}`, 'two profiles', {
        hint: 'It says where container:ID is. Leave out B to compare A with what the runtime loads.',
      });
    return [first, second];
  }
  if (!isRuntime || first.kind !== 'source')
    throw invalidValue('B', 'a profile, a filter, container:ID or pid:N', 'nothing', {
      hint: 'With --runtime or --engine, B may be left out: then it is what the runtime loads for the profile A.',
    });
  return [first, { kind: 'own', name: `${first.name} loaded by ${raw.runtime ?? raw.engine ?? ''}`, request: where }];
}

const whereOf = ({ engine, runtime, root, host }: RawDiffSides): LoadedRequest => ({
  ...(engine === undefined ? {} : { engine }),
  ...(runtime === undefined ? {} : { runtime }),
  ...(root === undefined ? {} : { root }),
  ...(host === undefined ? {} : { host }),
});

function operandOf(text: string, where: LoadedRequest): DiffOperand {
  const [, kind, id = ''] = /^(container|pid):(.+)$/.exec(text) ?? [];
  if (kind === 'container') return { kind: 'existing', name: text, request: { ...where, container: id } };
  if (kind === 'pid') {
    return { kind: 'existing', name: text, request: { pid: wholeNumber('pid:N', id, [1, MOST_PID]) } };
  }
  if (text === 'unconfined') return { kind: 'unconfined', name: 'unconfined' };
  if (text === 'default') return { kind: 'source', name: 'default' };
  return { kind: 'source', name: text === '-' ? 'standard input' : text, file: text };
}

export interface RawDiffView extends RawForm {
  readonly arch?: string;
  readonly limit?: string;
  readonly markdown?: boolean;
  readonly failIfOpened?: boolean;
  readonly json?: boolean;
  readonly price?: boolean;
}

/** How the sides are built and how the difference is told. */
export interface DiffView {
  readonly form: FilterForm;
  /** Machines, `all`, or `null` for this one. */
  readonly machines: MachineList | null;
  /** Rows of each kind; 0: all. */
  readonly limit: number;
  readonly output: 'text' | 'markdown' | 'json';
  readonly failIfOpened: boolean;
  /** Whether calls are timed under both. */
  readonly price: boolean;
}

/** `--arch`, `--form`, `--limit`, `--price`, `--markdown`, `--json`, `--fail-if-opened`. */
export function declareDiffView(command: Command): Command {
  return declareForm(command)
    .addOption(
      option(
        '--arch <list>',
        'machines to compare for: Go, uname or libseccomp names, or all; each with its compat ABIs (default: this one)',
        'common',
      ),
    )
    .addOption(option('--limit <n>', `rows of each kind, 0 for all (default: ${DEFAULT_ROWS})`, 'common'))
    .addOption(
      option('--price', 'also time calls that changed under both, in containers of the built-in engine', 'common'),
    )
    .addOption(option('--markdown', 'print Markdown for a pull request', 'common'))
    .addOption(option('--json', 'print one JSON object instead of text', 'common'))
    .addOption(option('--fail-if-opened', 'exit with 3 if anything was opened, or if that is not proved', 'verdict'));
}

/** Throws `usage`. */
export function parseDiffView(raw: RawDiffView): DiffView {
  const { arch, limit, failIfOpened = false, price = false } = raw;
  if (price && arch !== undefined) throw conflict('--price', '--arch', { hint: 'Calls can be timed on this machine.' });
  return {
    form: parseForm(raw) ?? 'plain',
    machines: arch === undefined ? null : machineList(arch),
    limit: wholeOrNone('--limit', limit, [0, MOST_ROWS]) ?? DEFAULT_ROWS,
    output: outputOf(raw),
    failIfOpened,
    price,
  };
}

function outputOf({ markdown = false, json = false }: RawDiffView): DiffView['output'] {
  if (markdown && json) throw conflict('--markdown', '--json');
  return json ? 'json' : markdown ? 'markdown' : 'text';
}
