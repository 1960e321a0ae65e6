import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Daemon } from '../../../src/engine/docker/daemon.js';

/** An engine outside a swarm that refuses the second question long before it refuses the first. */
const server = createServer((request, response) => {
  const path = (request.url ?? '').replace(/^\/v[\d.]+/, '').split('?')[0];
  const refuse = (): void => {
    response
      .writeHead(503, { 'Content-Type': 'application/json' })
      .end('{"message":"This node is not a swarm manager."}');
  };
  if (path === '/services') setTimeout(refuse, 100);
  else if (path === '/configs') refuse();
  else response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"Version":"1","Arch":"amd64"}');
});
const folder = mkdtempSync(join(tmpdir(), 'sw-'));
const socket = join(folder, 'S');
beforeAll(() => new Promise<void>((resolve) => server.listen(socket, resolve)));
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

describe('what a run has in a swarm', () => {
  it('is nothing where the engine refuses both questions, in whichever order', async () => {
    const daemon = await Daemon.at({ host: `unix://${socket}`, tlsDir: null, source: '--host' });
    expect(await daemon.inSwarm('sb-00000000')).toEqual({ services: [], files: [] });
  });
});
