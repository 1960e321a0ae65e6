import { machine } from 'node:os';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/open.js';
import { buildFilter, readLoadedFilters } from '../../src/filter/index.js';
import type { FilterMaking } from '../../src/model/filter/filter-making.js';
import { writeRootfs } from '../../src/payload/index.js';
import { facts, SPEC } from '../unit/engine/filter-spec.js';
import { FakeHost } from '../unit/engine/parts.js';
import { needCommand } from '../unit/payload/machine.js';
import { clock } from '../unit/process/commands.js';
import { needRoot } from './containers.js';

describe.each(['namespaces', 'bwrap'] as const)('an arm of the engine %s', (choice) => {
  it('runs under what its making asks for, as the kernel says', async (ctx) => {
    needRoot(ctx);
    if (choice === 'bwrap') needCommand(ctx, choice);
    using host = new FakeHost();
    const parts = {
      ...host.parts(ctx),
      env: process.env,
      writeRootfs: async (root: string) => {
        await writeRootfs(root, machine());
      },
    };
    const { engine } = await openEngine({ choice, parts, clock, signal: new AbortController().signal });
    await using opened = engine;
    const loads = async (name: string, making: FilterMaking): Promise<unknown> => {
      const prebuilt = making.prebuilt === undefined ? {} : { prebuilt: buildFilter(SPEC, machine(), making).program };
      await opened.prepare({ name, spec: SPEC, text: JSON.stringify(SPEC), making, ...prebuilt });
      await using created = await opened.create(name, `sb-test${process.pid}-${name}`, 'sleep');
      await using started = await created.start();
      const loaded = readLoadedFilters(started.pid);
      await started.kill();
      return loaded.state === 'seen' ? loaded.programs : loaded;
    };
    expect(await loads('plain', {})).toEqual([facts()]);
    expect(await loads('tree', { form: 'tree' })).toEqual([facts({ form: 'tree' })]);
    expect(await loads('first', { first: ['reboot'] })).toEqual([facts({ first: ['reboot'] })]);
    expect(await loads('stacked', { stacked: 4 })).toEqual([facts(), facts(), facts(), facts()]);
    expect(await loads('prebuilt', { prebuilt: true })).toEqual([facts()]);
    expect(await loads('prebuilt tree', { prebuilt: true, form: 'tree' })).toEqual([facts({ form: 'tree' })]);
    expect(await loads('prebuilt twice', { prebuilt: true, stacked: 2 })).toEqual([facts(), facts()]);
  });
});
