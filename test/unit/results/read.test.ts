import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { readLines, type LineTaker } from '../../../src/results/lines.js';
import { readResultFolder } from '../../../src/results/read.js';
import { createResultFolder } from '../../../src/results/store.js';
import { batchSample, HOST, okSample, parallel, planOf, sequential, sequentialRun } from './runs.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-read-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

const EVIDENCE: ArmEvidence = {
  arm: 'before',
  policy: 'all',
  architectures: null,
  specBytes: 5,
  specSha256: '00',
  leftOut: [],
  predicted: { state: 'none' },
  loaded: { state: 'notSeen', reason: 'no permission' },
  seccompMode: null,
  probe32: { outcome: 'ran', detail: '' },
};

/** A folder of one complete block. */
function folder(scenario: Scenario = sequential(3)): string {
  using writer = createResultFolder(parent, planOf(scenario), HOST);
  writer.writeEvidence([EVIDENCE]);
  if (scenario.kind === 'sequential') writer.append(sequentialRun(1, () => 10));
  return writer.path;
}

const addLine = (path: string, line: string | object): void => {
  appendFileSync(join(path, 'samples.jsonl'), `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
};

function change(path: string, file: string, edit: (value: Record<string, unknown>) => unknown): void {
  const whole = join(path, file);
  writeFileSync(whole, JSON.stringify(edit(JSON.parse(readFileSync(whole, 'utf8')) as Record<string, unknown>)));
}

/** The error's message, without the folder. */
function faultOf(path: string): string {
  try {
    readResultFolder(path);
  } catch (error) {
    if (error instanceof BenchError && error.hint !== undefined) return error.message.replace(`${path}/`, '');
    throw error;
  }
  return 'none';
}

describe('readResultFolder', () => {
  it('leaves out a last line that a crash truncated, with a warning, and keeps the rest', () => {
    const path = folder();
    appendFileSync(join(path, 'samples.jsonl'), '{"kind":"container","bl');
    const run = readResultFolder(path);
    expect(run.samples).toHaveLength(3);
    expect(run.warnings).toEqual([
      'samples.jsonl:4: the last line is truncated, as after a crash: it was left out, all lines before it were kept.',
    ]);
  });

  it('keeps a whole last line without a newline', () => {
    const path = folder();
    appendFileSync(join(path, 'samples.jsonl'), JSON.stringify(okSample('before', 1)));
    expect(readResultFolder(path)).toMatchObject({ samples: { length: 4 }, warnings: [] });
  });

  it('refuses a broken line anywhere else, by file and line', () => {
    const path = folder();
    addLine(path, '{"kind":"container","bl');
    addLine(path, okSample('before', 1));
    expect(faultOf(path)).toBe('samples.jsonl:4: expected a sample as JSON, got {"kind":"container","bl');
    const other = folder(sequential(3, { name: 'other' }));
    addLine(other, '');
    expect(faultOf(other)).toBe('samples.jsonl:4: expected a sample as JSON, got an empty line');
  });

  const wrong: readonly (readonly [string, object | string, string])[] = [
    ['NaN', { ...okSample('before', 1), wallNs: null }, 'wallNs: expected a time above 0 ns, got null'],
    ['a negative time', okSample('before', 1, { userNs: -5 }), 'userNs: expected a time of at least 0 ns, got -5'],
    [
      'an infinite time',
      JSON.stringify(okSample('before', 1, { systemNs: 77 })).replace('77', '1e999'),
      'systemNs: expected a time of at least 0 ns, got Infinity',
    ],
    ['a wall time of 0', okSample('before', 1, { wallNs: 0 }), 'wallNs: expected a time above 0 ns, got 0'],
    [
      'an unknown arm',
      okSample('other', 1, { position: 0 }),
      'arm: expected one of the plan\'s (before, after, control), got "other"',
    ],
    ['a block beyond the plan', okSample('before', 3), 'block: expected a whole number from 0 to 2, got 3'],
    [
      'half a context switch',
      okSample('before', 1, { voluntarySwitches: 0.5 }),
      'voluntarySwitches: expected a whole number of at least 0, got 0.5',
    ],
    [
      'a missing field',
      '{"kind":"container","warmup":false,"arm":"before"}',
      'block: expected a whole number from 0 to 2, got nothing',
    ],
    [
      'an unknown state',
      { ...okSample('before', 1), state: 'fine' },
      'state: expected "ok", "failed", "timedOut" or "interrupted", got "fine"',
    ],
    ['a failure without a cause', { ...okSample('before', 1), state: 'failed' }, 'cause: expected text, got nothing'],
    ['an unknown kind', { ...okSample('before', 1), kind: 'pod' }, 'kind: expected "container", got "pod"'],
    [
      'a second line for one container',
      okSample('before', 0),
      '(top level): expected each container once, got arm before, block 0 again',
    ],
    ['no object', '[1]', '(top level): expected an object, got [1]'],
  ];
  it.each(wrong)('refuses %s', (_, line, fault) => {
    const path = folder();
    addLine(path, line);
    expect(faultOf(path)).toBe(`samples.jsonl:4: ${fault}`);
  });

  it('refuses batches that contradict the plan or themselves', () => {
    const faults = [
      { ok: 3 },
      { planned: 3 },
      { ok: 1, failed: 1 },
      { makespanNs: undefined },
      { ok: 1, failed: 2 },
    ].map((edit, i) => {
      const path = folder({ ...parallel(2, 2), name: `batch-${i}` });
      addLine(path, { ...batchSample('before', 0, 2, 2), ...edit });
      return faultOf(path);
    });
    expect(faults).toEqual([
      'samples.jsonl:1: ok: expected a whole number from 0 to 2, got 3',
      "samples.jsonl:1: planned: expected the plan's 2, got 3",
      'samples.jsonl:1: makespanNs: expected none, because not every container was ok, got 200000000',
      'samples.jsonl:1: makespanNs: expected a time above 0 ns, got nothing',
      'samples.jsonl:1: failed: expected a whole number from 0 to 1, got 2',
    ]);
  });

  it.each(['host.json', 'plan.json'])(
    'refuses another format version in %s, and names the version that reads it',
    (file) => {
      const path = folder();
      change(path, file, (value) => ({ ...value, formatVersion: 3 }));
      expect(() => readResultFolder(path)).toThrow(
        expect.objectContaining({
          code: 'input',
          message: `${join(path, file)}: formatVersion: expected 1 or 2, got 3`,
          hint: 'This version of bench reads formats 1 and 2. Use the version that wrote these results.',
        }) as BenchError,
      );
    },
  );

  it.each(['host.json', 'plan.json', 'samples.jsonl'])('names a missing %s', (file) => {
    const path = folder();
    rmSync(join(path, file));
    expect(faultOf(path)).toBe(`could not read ${file}: no such file or directory`);
  });

  it('warns where evidence is missing, and goes on', () => {
    const path = folder();
    expect(readResultFolder(path).evidence).toEqual([EVIDENCE]);
    rmSync(join(path, 'evidence.json'));
    expect(readResultFolder(path)).toMatchObject({
      evidence: [],
      warnings: ['evidence.json is missing, so nothing proves which filter each arm loaded.'],
    });
  });

  it('names the field of a document that is wrong', () => {
    const edits: readonly (readonly [string, (value: Record<string, unknown>) => unknown, string])[] = [
      [
        'plan.json',
        (plan) => ({ ...plan, seed: 'x' }),
        'plan.json: seed: expected a whole number of at least 0, got "x"',
      ],
      [
        'plan.json',
        (plan) => ({ ...plan, scenario: { ...sequential(3), arms: [] } }),
        'plan.json: scenario.arms: expected at least one arm, got []',
      ],
      [
        'plan.json',
        (plan) => ({ ...plan, scenario: sequential(0) }),
        'plan.json: scenario.count: expected a whole number of at least 1, got 0',
      ],
      [
        'plan.json',
        (plan) => ({ ...plan, scenario: sequential(1e12) }),
        'plan.json: scenario: expected at most 50000000 containers, got 3000000000000',
      ],
      ['plan.json', (plan) => ({ ...plan, stopping: {} }), 'plan.json: stopping: expected a list, got {}'],
      [
        'plan.json',
        (plan) => ({ ...plan, stopping: [{ kind: 'decided' }, { kind: 'soon' }] }),
        'plan.json: stopping[1].kind: expected one of halfWidth, decided, budget, time, got "soon"',
      ],
      [
        'plan.json',
        (plan) => ({ ...plan, stopping: [{ kind: 'halfWidth', width: 0 }] }),
        'plan.json: stopping[0].width: expected a number above 0, got 0',
      ],
      [
        'plan.json',
        (plan) => ({ ...plan, scenario: { kind: 'x' } }),
        'plan.json: scenario.kind: expected "sequential" or "parallel", got "x"',
      ],
      ['host.json', (host) => ({ ...host, cpuModel: undefined }), 'host.json: cpuModel: expected text, got nothing'],
      [
        'host.json',
        (host) => ({ ...host, emulation: { kind: 'bochs', sign: 'x' } }),
        'host.json: emulation.kind: expected "tcg" or "qemu-user", got "bochs"',
      ],
      [
        'host.json',
        (host) => ({ ...host, emulation: 'tcg' }),
        'host.json: emulation: expected an object or null, got "tcg"',
      ],
      ['host.json', () => [], 'host.json: (top level): expected an object, got []'],
      [
        'evidence.json',
        () => [{ ...EVIDENCE, arm: 'x' }],
        'evidence.json: [0].arm: expected one of the plan\'s (before, after, control), got "x"',
      ],
      [
        'evidence.json',
        () => [{ ...EVIDENCE, loaded: { state: 'seen', via: 'ptrace' } }],
        'evidence.json: [0].loaded.programs: expected a list, got nothing',
      ],
    ];
    const found = edits.map(([file, edit], i) => {
      const path = folder(sequential(3, { name: `edit-${i}` }));
      change(path, file, edit);
      return faultOf(path);
    });
    expect(found).toEqual(edits.map(([, , fault]) => fault));
  });

  it('explains what a results folder is where the path is something else', () => {
    expect(faultOf(join(parent, 'missing'))).toBe(
      `could not read ${join(parent, 'missing')}: no such file or directory`,
    );
    expect(faultOf(join(folder(), 'host.json'))).toContain(
      'host.json: expected a results folder (with host.json, plan.json and samples.jsonl), got a file',
    );
  });
});

/** Takes nothing as bytes. */
const textsTo = (takeText: LineTaker['takeText']): LineTaker => ({
  open: () => undefined,
  takeBytes: () => -1,
  takeText,
});

describe('readLines', () => {
  it('joins lines and characters across the pieces it reads', () => {
    const path = join(parent, 'lines');
    const lines = Array.from({ length: 3000 }, (_, i) => `${i}${'é'.repeat(i % 700)}`);
    writeFileSync(path, `${lines.join('\n')}\nend`);
    const seen: unknown[] = [];
    readLines(
      path,
      textsTo((text, line, ended) => seen.push([text, line, ended])),
    );
    expect(seen).toEqual([...lines.map((text, i) => [text, i + 1, true]), ['end', 3001, false]]);
  });

  it('finds nothing in an empty file and one line longer than a piece', () => {
    const path = join(parent, 'lines');
    const seen: unknown[] = [];
    writeFileSync(path, '');
    readLines(
      path,
      textsTo((text) => seen.push(text)),
    );
    expect(seen).toEqual([]);
    writeFileSync(path, `${'x'.repeat(3_000_000)}\n`);
    readLines(
      path,
      textsTo((text, line) => seen.push([text.length, line])),
    );
    expect(seen).toEqual([[3_000_000, 1]]);
  });
});

describe('a file of a results folder that is no ordinary file', () => {
  let made = 0;
  const swapped = (file: string, make: (path: string) => void): string => {
    const path = folder(sequential(3, { name: `${file}-${made++}` }));
    rmSync(join(path, file));
    make(join(path, file));
    return faultOf(path);
  };

  it('is refused and not waited for: a FIFO, a device, a folder', () => {
    const fifo = (path: string): void => {
      execFileSync('mkfifo', [path]);
    };
    expect(swapped('plan.json', fifo)).toBe('plan.json: expected a file, got a device, pipe or socket');
    expect(
      swapped('host.json', (path) => {
        symlinkSync('/dev/zero', path);
      }),
    ).toBe('host.json: expected a file, got a device, pipe or socket');
    expect(
      swapped('host.json', (path) => {
        mkdirSync(path);
      }),
    ).toContain('could not read host.json: is a directory');
  });

  it('is refused where it is larger than any document', () => {
    expect(
      swapped('evidence.json', (path) => {
        writeFileSync(path, '[]');
        truncateSync(path, 65 * 2 ** 20);
      }),
    ).toBe('evidence.json is larger than 64 MiB');
  });
});
