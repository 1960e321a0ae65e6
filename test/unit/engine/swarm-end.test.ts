import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Swarm } from '../../../src/engine/docker/swarm/swarm.js';

/** A manager that changes a service itself between a look at it and its update, so often. */
let changes = 0;
/** What it says to an update of an older version. */
let refusal = '';
let index = 10;
let asked: string[] = [];

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

const server = createServer((request, response) => {
  const url = new URL((request.url ?? '').replace(/^\/v[\d.]+/, ''), 'http://daemon');
  request.resume().on('end', () => {
    if (url.pathname === '/info') {
      answer(response, 200, { Swarm: { LocalNodeState: 'active', ControlAvailable: true } });
      return;
    }
    if (url.pathname === '/tasks') {
      answer(response, 200, []);
      return;
    }
    if (!url.pathname.startsWith('/services/job')) {
      answer(response, 200, {
        ApiVersion: '1.41',
        MinAPIVersion: '1.24',
        Version: '20.10',
        Arch: 'amd64',
        Os: 'linux',
      });
      return;
    }
    if (request.method === 'GET') {
      answer(response, 200, { Spec: { Name: 'job', TaskTemplate: {} }, Version: { Index: index } });
      return;
    }
    asked.push(`${request.method ?? ''} ${url.searchParams.get('version') ?? ''}`.trim());
    if (request.method === 'POST' && changes > 0) {
      changes -= 1;
      index += 1;
      answer(response, 500, { message: refusal });
      return;
    }
    answer(response, 200, {});
  });
});

const folder = mkdtempSync(join(tmpdir(), 'sw-'));
const socket = join(folder, 'S');
beforeAll(() => new Promise<void>((resolve) => server.listen(socket, resolve)));
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  refusal = 'rpc error: code = Unknown desc = update out of sequence';
  index = 10;
  asked = [];
});

const swarm = (): Promise<Swarm> => Swarm.at({ host: `unix://${socket}`, tlsDir: null, source: '--host' });

describe('the end of a job in a swarm', () => {
  it('updates it once to run nowhere, and then removes it', async () => {
    changes = 0;
    await (await swarm()).end('job');
    expect(asked).toEqual(['POST 10', 'DELETE']);
  });

  it('looks again and updates the newer version where the swarm changed it meanwhile', async () => {
    changes = 2;
    await (await swarm()).end('job');
    expect(asked).toEqual(['POST 10', 'POST 11', 'POST 12', 'DELETE']);
  });

  it('removes it and tells the error where the swarm never stops changing it', { timeout: 20_000 }, async () => {
    changes = Infinity;
    await expect((await swarm()).end('job')).rejects.toThrow('update out of sequence');
    expect(asked.filter((one) => one.startsWith('POST'))).toHaveLength(10);
    expect(asked.at(-1)).toBe('DELETE');
  });

  it('does not try again after another error, and removes it all the same', async () => {
    changes = 1;
    refusal = 'the service is broken';
    await expect((await swarm()).end('job')).rejects.toThrow('the service is broken');
    expect(asked).toEqual(['POST 10', 'DELETE']);
  });
});
