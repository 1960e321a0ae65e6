import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inStates } from '../../../src/experiment/arms/cache.js';
import type { CacheStates } from '../../../src/experiment/arms/cache.js';
import { runExperiment } from '../../../src/experiment/index.js';
import type { FilterCaching } from '../../../src/model/container/container.js';
import type { StartsRequest } from '../../../src/model/experiment/request.js';
import type { ArmDefinition, CacheChoice, FilterCache } from '../../../src/model/run/scenario.js';
import { readResultFolder, verifyChecksums } from '../../../src/results/index.js';
import { startsRequest, sweepRequest, useBench, workloadRequest } from './fake-engine.js';

const ARMS: readonly ArmDefinition[] = [
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
  { name: 'control', policy: 'all', copyOf: 'before' },
];
const BOTH = ['cold', 'warm'] as const;
const statesOf = (states: Readonly<Record<string, readonly FilterCache[] | null>>): CacheStates =>
  new Map(Object.entries(states));
const CRUN = statesOf({ before: BOTH, after: BOTH, control: BOTH });
const shapes = (arms: readonly ArmDefinition[]): readonly string[] =>
  arms.map(({ name, cache, against }) => [name, cache ?? '-', against ?? '-'].join(' '));

describe('arms in the states of a cache', () => {
  it('are warm, with a cold twin for each that is no copy', () => {
    const { arms, twins } = inStates(ARMS, CRUN, undefined, 'both');
    expect(shapes(arms)).toEqual([
      'before warm -',
      'after warm -',
      'control warm -',
      'before-cold cold before-cold',
      'after-cold cold before-cold',
    ]);
    expect([...twins]).toEqual([
      ['before-cold', 'before'],
      ['after-cold', 'after'],
    ]);
  });

  it.each(['cold', 'warm'] as const)('are all %s where only that is asked for', (choice) => {
    const { arms } = inStates(ARMS, CRUN, choice, 'both');
    expect(shapes(arms)).toEqual([`before ${choice} -`, `after ${choice} -`, `control ${choice} -`]);
  });

  it('have no state where nothing is compiled', () => {
    const arms: readonly ArmDefinition[] = [
      { name: 'unconfined', policy: 'unconfined' },
      { name: 'after', policy: 'host' },
      { name: 'control', policy: 'unconfined', copyOf: 'unconfined' },
    ];
    const states = statesOf({ unconfined: null, after: BOTH, control: null });
    expect(shapes(inStates(arms, states, 'both', 'both').arms)).toEqual([
      'unconfined - -',
      'after warm -',
      'control - -',
      'after-cold cold -',
    ]);
  });

  it('of two runtimes are compared with the cold baseline: a runtime that keeps nothing is cold already', () => {
    const arms: readonly ArmDefinition[] = [
      { name: 'runc', policy: 'host', runtime: 'runc' },
      { name: 'crun', policy: 'host', runtime: 'crun' },
      { name: 'control', policy: 'host', runtime: 'runc', copyOf: 'runc' },
    ];
    expect(shapes(inStates(arms, statesOf({ runc: [], crun: BOTH, control: [] }), undefined, 'both').arms)).toEqual([
      'runc - -',
      'crun warm -',
      'control - -',
      'crun-cold cold -',
    ]);
    const turned = [arms[1]!, arms[0]!, { ...arms[2]!, runtime: 'crun', copyOf: 'crun' }];
    expect(shapes(inStates(turned, statesOf({ runc: [], crun: BOTH, control: BOTH }), undefined, 'both').arms)).toEqual(
      ['crun warm -', 'runc - -', 'control warm -', 'crun-cold cold crun-cold', 'runc-cold - crun-cold'],
    );
  });

  it('are only warm where a block would become too long, unless both are asked for', () => {
    const many = [...ARMS, { name: 'c', policy: 'trim' }, { name: 'd', policy: 'native' }] as const;
    const states = new Map(many.map(({ name }) => [name, BOTH]));
    const { arms, coldLeftOut } = inStates(many, states, undefined, 'both');
    expect([arms.length, coldLeftOut]).toEqual([5, true]);
    expect(() => inStates(many, states, 'both', 'both')).toThrow('--cache both makes 9 arms; at most 8 fit in a block');
  });

  it('need the names of the twins', () => {
    const arms = [...ARMS, { name: 'after-cold', policy: 'native' }] as const;
    const states = new Map(arms.map(({ name }) => [name, BOTH]));
    expect(() => inStates(arms, states, undefined, 'both')).toThrow(
      'arm after-cold has the name of the cold twin of arm after',
    );
  });
});

const bench = useBench();

/** A runtime that can be measured in these states, and shows all that is asked of it. */
const caching = (states: readonly FilterCache[]): FilterCaching => ({
  statesOf: () => Promise.resolve(states),
  evidenceOf: (arm) =>
    states.length === 0
      ? undefined
      : {
          state: arm.endsWith('-cold') ? 'cold' : 'warm',
          containers: 5,
          shown: 5,
          file: { bytes: 80, sha256: 'f'.repeat(64) },
        },
});
const withCache = (cache?: CacheChoice): StartsRequest => {
  const request = startsRequest();
  return cache === undefined ? request : { ...request, scenario: { ...request.scenario, cache } };
};
const run = (request: Parameters<typeof runExperiment>[0], states: readonly FilterCache[]) => {
  const { context, engine } = bench();
  const fake = engine({ caching: caching(states) });
  return { fake, ended: runExperiment(request, context, fake.parts) };
};

describe('an experiment with a runtime that keeps compiled filters', () => {
  it('interleaves warm arms and their cold twins, and keeps what was seen of the cache', async () => {
    const { fake, ended } = run(withCache(), BOTH);
    const [name = ''] = (await ended).folders;
    const folder = join(bench().folder, name);
    const read = readResultFolder(folder);
    expect(shapes(read.plan.scenario.arms)).toEqual([
      'before warm -',
      'after warm -',
      'control warm -',
      'before-cold cold before-cold',
      'after-cold cold before-cold',
    ]);
    expect(read.samples.length).toBe(25);
    expect(read.evidence.map(({ arm, cache }) => [arm, cache?.state, cache?.shown])).toEqual([
      ['before', 'warm', 5],
      ['after', 'warm', 5],
      ['control', 'warm', 5],
      ['before-cold', 'cold', 5],
      ['after-cold', 'cold', 5],
    ]);
    expect(verifyChecksums(folder)).toBeGreaterThan(5);
    expect([...fake.engine.prepared].map(([arm, { cache }]) => [arm, cache])).toEqual([
      ['before', 'warm'],
      ['after', 'warm'],
      ['before-cold', 'cold'],
      ['after-cold', 'cold'],
      ['control', 'warm'],
    ]);
    const specs = ['after', 'after-cold'].map((arm) => readFileSync(join(folder, 'specs', `${arm}.json`), 'utf8'));
    expect(specs[0]).toBe(specs[1]);
    expect(bench().events.find(({ kind }) => kind === 'cacheStates')).toMatchObject({ coldLeftOut: false });
  });

  it('runs every level of a sweep with the twins', async () => {
    const { folders } = await run(sweepRequest(), BOTH).ended;
    for (const name of folders) expect(readResultFolder(join(bench().folder, name)).plan.scenario.arms.length).toBe(5);
    expect(folders.length).toBe(2);
  });

  it('is only warm where a program runs', async () => {
    const { folders } = await run(workloadRequest({ findings: startsRequest().findings }), BOTH).ended;
    const { arms } = readResultFolder(join(bench().folder, folders[0] ?? '')).plan.scenario;
    expect(shapes(arms)).toEqual(['before warm -', 'after warm -', 'control warm -']);
  });

  it('takes arms that say it themselves as they are', async () => {
    const arms = inStates(ARMS, CRUN, 'both', 'both').arms;
    const { folders } = await run(startsRequest({ scenario: { ...startsRequest().scenario, arms } }), BOTH).ended;
    expect(readResultFolder(join(bench().folder, folders[0] ?? '')).plan.scenario.arms).toEqual(arms);
  });
});

describe('an experiment with a runtime that keeps none', () => {
  it.each([undefined, 'cold'] as const)('is what it always was with --cache %s', async (cache) => {
    const { folders } = await run(withCache(cache), []).ended;
    const { plan, evidence } = readResultFolder(join(bench().folder, folders[0] ?? ''));
    expect(plan.scenario.arms.map(({ name }) => name)).toEqual(['before', 'after', 'control']);
    expect(evidence.every((one) => one.cache === undefined)).toBe(true);
    expect(bench().events.some(({ kind }) => kind === 'cacheStates')).toBe(false);
  });

  it.each(['warm', 'both'] as const)('refuses --cache %s and leaves nothing', async (cache) => {
    const { fake, ended } = run(withCache(cache), []);
    await expect(ended).rejects.toMatchObject({
      code: 'environment',
      message: `--cache ${cache} requires a runtime that keeps compiled filters; fake 1 keeps none`,
    });
    expect(fake.engine.disposals).toBe(1);
  });

  it('refuses arms that are warm', async () => {
    const { ended } = run(
      startsRequest({
        scenario: { ...startsRequest().scenario, arms: ARMS.map((arm) => ({ ...arm, cache: 'warm' })) },
      }),
      [],
    );
    await expect(ended).rejects.toMatchObject({
      message: 'arm before requires a runtime that can be measured warm; fake 1 cannot',
    });
  });
});

describe('a runtime whose containers share one state folder', () => {
  it('is only warm, and refuses what it cannot do', async () => {
    const { folders } = await run(withCache(), ['warm']).ended;
    const { arms } = readResultFolder(join(bench().folder, folders[0] ?? '')).plan.scenario;
    expect(shapes(arms)).toEqual(['before warm -', 'after warm -', 'control warm -']);
    await expect(run(withCache('both'), ['warm']).ended).rejects.toMatchObject({ code: 'environment' });
  });
});

describe('--cache', () => {
  it('is refused for commands and for programs started by exec', async () => {
    const command = startsRequest({
      scenario: {
        ...startsRequest().scenario,
        cache: 'warm',
        arms: [
          { name: 'a', policy: 'unconfined', command: ['true'] },
          { name: 'control', policy: 'unconfined', command: ['true'], copyOf: 'a' },
        ],
      },
    });
    await expect(run(command, BOTH).ended).rejects.toMatchObject({
      message: '--cache warm cannot be combined with commands',
    });
    const { scenario } = workloadRequest();
    const exec = workloadRequest({
      scenario: { ...scenario, cache: 'both', program: { ...scenario.program!, via: 'exec' } },
    });
    await expect(run(exec, BOTH).ended).rejects.toThrow('--cache both cannot be combined with --via exec');
  });
});
