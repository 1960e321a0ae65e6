import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { FleetRecord } from '../../src/model/host/fleet.js';
import { createResultFolder } from '../../src/results/index.js';
import { HOST, planOf, sequential, sequentialRun } from '../unit/results/runs.js';
import { Sandbox, reportsIn } from './bench.js';

const sandbox = new Sandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});
const VOLUME = join(sandbox.folder, 'volume');
beforeEach(() => {
  sandbox.clear();
  rmSync(VOLUME, { recursive: true, force: true });
});

/** What a pod leaves: a sealed results folder in a folder of its node. */
function podResult(node: string, machine: string, id: string): string {
  mkdirSync(join(VOLUME, node), { recursive: true });
  const writer = createResultFolder(
    join(VOLUME, node),
    { ...planOf(sequential(30, { warmup: 0 })), id, node },
    { ...HOST, machine, hostname: node },
  );
  writer.writeEvidence([]);
  writer.append(sequentialRun(30, (arm, block) => (arm === 'after' ? 5 : 10) + (block % 7) / 10));
  writer.writeLedger({
    formatVersion: 1,
    ended: 'complete',
    maxFailures: null,
    before: { state: 'listed', ids: [] },
    after: { state: 'listed', ids: [] },
    left: { state: 'listed', ids: [] },
  });
  writer.seal();
  return writer.path;
}

const record = (): FleetRecord => JSON.parse(readFileSync(join(VOLUME, 'fleet.json'), 'utf8')) as FleetRecord;
const states = (): unknown => record().nodes.map(({ node, outcome }) => [node.name, node.machine, outcome.state]);

describe('bench fleet --from', () => {
  it("verifies what a cluster's jobs left, and makes one report per architecture and one over all", () => {
    podResult('one', 'x86_64', '1111');
    podResult('two', 'x86_64', '2222');
    podResult('three', 'aarch64', '3333');
    const { status, stdout } = sandbox.bench(['fleet', '--from', 'volume']);
    expect([status, states()]).toEqual([
      0,
      [
        ['one', 'x86_64', 'measured'],
        ['three', 'aarch64', 'measured'],
        ['two', 'x86_64', 'measured'],
      ],
    ]);
    expect(stdout).toContain('three  aarch64  measured  1 folder, 5 files');
    const names = reportsIn(join(sandbox.folder, 'reports'));
    expect(names.map((name) => name.replace(/^fleet-\d{8}T\d{6}Z-[0-9a-f]{8}/, ''))).toEqual([
      '',
      '-aarch64',
      '-x86_64',
    ]);
    const runsIn = (name: string | undefined): readonly string[] =>
      (
        JSON.parse(readFileSync(join(sandbox.folder, 'reports', name ?? '', 'summary.json'), 'utf8')) as {
          readonly runs: readonly { readonly name: string }[];
        }
      ).runs.map((run) => run.name.slice(-4));
    expect(names.map((name) => [...runsIn(name)].sort())).toEqual([
      ['1111', '2222', '3333'],
      ['3333'],
      ['1111', '2222'],
    ]);
  });

  it('names the node whose results were changed, were not closed or are not there, and reports the others', () => {
    podResult('good', 'x86_64', '1111');
    appendFileSync(join(podResult('changed', 'x86_64', '2222'), 'samples.jsonl'), '\n');
    rmSync(join(podResult('killed', 'x86_64', '3333'), 'SHA256SUMS'));
    mkdirSync(join(VOLUME, 'empty'));
    const { status, stdout } = sandbox.bench(['fleet', '--from', 'volume']);
    expect([status, states()]).toEqual([
      1,
      [
        ['changed', 'unknown', 'damaged'],
        ['empty', 'unknown', 'failed'],
        ['good', 'x86_64', 'measured'],
        ['killed', 'unknown', 'damaged'],
      ],
    ]);
    const words = stdout.replaceAll('\n', ' ');
    expect(words).toMatch(
      /changed: changed\/\S+-2222\/samples\.jsonl: expected SHA-256 [0-9a-f]{64} \(SHA256SUMS\), got [0-9a-f]{64}/,
    );
    expect(words).toContain('empty: its job left no results folder');
    expect(words).toMatch(/killed: killed\/\S+-3333 has no SHA256SUMS: the run was killed before it ended/);
    const [overall] = reportsIn(join(sandbox.folder, 'reports'));
    expect(readFileSync(join(sandbox.folder, 'reports', overall ?? '', 'summary.md'), 'utf8')).toContain(
      '3 of 4 nodes gave no complete result; this report does not cover them.',
    );
  });

  it('asks for the parent where it is given the folder of one node', () => {
    podResult('good', 'x86_64', '1111');
    const { status, stdout, stderr } = sandbox.bench(['fleet', '--from', 'volume/good']);
    expect([status, stdout, stderr]).toEqual([
      2,
      '',
      expect.stringMatching(
        /^bench: volume\/good\/\S+-1111 is a results folder, not the folder of a node\n {2}Give the folder that holds one folder per node, probably volume\.\n$/,
      ),
    ]);
  });

  it.each([
    [['fleet'], 'fleet requires --swarm, --kubernetes or --from DIR'],
    [['fleet', '--from', 'nothing'], 'nothing has no folder per node'],
    [['fleet', '--from', 'volume', '--swarm'], '--from cannot be combined with --swarm'],
    [['fleet', '--swarm'], 'a command for the nodes is required'],
    [['fleet', '--swarm', '--', 'clean'], '"clean" is not a command for nodes'],
    [['fleet', '--swarm', '--', 'sequential', '--cuont', '3'], "unknown option '--cuont'"],
    [['fleet', '--swarm', '--', 'sequential', '--count', 'x'], '--count'],
    [
      ['fleet', '--swarm', '--', 'sequential', '--engine', 'runc'],
      '--engine cannot be combined with the command for the nodes',
    ],
    [
      ['fleet', '--swarm', '--', 'sequential', '--export-csv', 'x'],
      '--export-csv cannot be combined with the command for the nodes',
    ],
    [['fleet', '--swarm', '--', 'run', 'no-such'], 'scenario "no-such" not found in '],
    [
      ['fleet', '--swarm', '--', 'sequential', '--profile', 'none.json'],
      'could not read none.json: no such file or directory',
    ],
    [
      ['fleet', '--swarm', '--timeout', 'soon', '--', 'sequential'],
      '--timeout: expected a duration such as 500ms, 30s, 1m or 1h, got "soon"',
    ],
    [
      ['fleet', '--swarm', '--host', 'unix:///nothing/there', '--', 'sequential'],
      'could not connect to the engine at unix:///nothing/there (--host): ENOENT: no such socket',
    ],
  ])('is refused as %j', (args, words) => {
    const { status, stderr } = sandbox.bench(args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
  });
});
