import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

/** How the fake daemon misbehaves with containers whose name matches. */
export interface Fault {
  readonly names: RegExp;
  readonly how: 'refuseCreate' | 'refuseStart' | 'silent' | 'hang' | 'vanish' | 'neverRemove' | 'dieOnInspect';
  /** Of a start that is refused. */
  readonly words?: string;
}

/** Ways to answer a request that are no answers. */
export const TAMPERS = [
  'silence',
  'halfHead',
  'endlessHead',
  'halfBody',
  'endlessBody',
  'cutBody',
  'redirect',
  'garbage',
  'wrongType',
  'closed',
] as const;
export type Tamper = (typeof TAMPERS)[number];

interface FakeContainer {
  readonly options: {
    readonly Entrypoint: readonly string[];
    readonly HostConfig: { readonly SecurityOpt: readonly string[] };
  };
  output?: Duplex;
  waiter?: ServerResponse;
  isStarted?: boolean;
}

/** What Docker's API looks like to bench, over a unix socket and without any container. */
export class FakeDaemon implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'fd-'));
  readonly socket = join(this.folder, 'S');
  readonly host = `unix://${this.socket}`;
  /** As the daemon tells it; its own machine's. */
  architecture = process.arch === 'x64' ? 'amd64' : 'arm64';
  /** The oldest version of the API that it takes, as Docker 29 does; requests without a version count as 1.24. */
  oldest: string | undefined;
  /** Versions of the API that were asked for. */
  readonly asked = new Set<string>();
  /** What `info` tells besides. */
  info: Readonly<Record<string, unknown>> = {};
  /** An image that it does not have. */
  missing: string | undefined;
  /** What it answers with 400 where it is asked for an image. */
  imageRefusal: string | undefined;
  readonly containers = new Map<string, FakeContainer>();
  readonly images = new Set<string>();
  fault: Fault | undefined;
  /** Requests, as `POST /containers/create`, that get another answer; a redirect leads to `away`. */
  tampered: { readonly request: RegExp; readonly how: Tamper; readonly away: string } | undefined;
  /** How many requests got such an answer. */
  tamperedCount = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response);
  });

  async listen(): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    });
    this.#server.on('upgrade', (request, socket) => {
      if (this.#tamper(request, socket)) return;
      const container = this.containers.get(unversioned(request.url ?? '').split('/')[2] ?? '');
      if (container !== undefined) container.output = socket;
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      this.#server.listen(this.socket, resolve);
    });
    return this;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    if (this.#tamper(request, request.socket)) return;
    const [, version = '1.24'] = /^\/v(\d+\.\d+)\//.exec(request.url ?? '') ?? [];
    const [path = '', query = ''] = unversioned(request.url ?? '').split('?');
    const [, kind, name = '', verb] = path.split('/');
    const say = (status: number, value: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    };
    this.asked.add(version);
    if (this.oldest !== undefined && Number(version) < Number(this.oldest)) {
      const words = `client version ${version} is too old. Minimum supported API version is ${this.oldest}`;
      say(400, { message: `${words}, please upgrade your client to a newer version` });
      return;
    }
    if (kind === 'version') {
      const limits = this.oldest === undefined ? {} : { ApiVersion: this.oldest, MinAPIVersion: this.oldest };
      say(200, { Version: '1', Arch: this.architecture, Components: [], ...limits });
      return;
    }
    if (kind === 'info') {
      say(200, { OSType: 'linux', Runtimes: { runc: {} }, ...this.info });
      return;
    }
    if (kind === 'images' && this.imageRefusal !== undefined) {
      say(400, { message: this.imageRefusal });
      return;
    }
    if (kind === 'images' && name === this.missing) {
      say(404, { message: `No such image: ${name}` });
      return;
    }
    if (kind === 'images') {
      say(200, name === 'json' ? [] : name === 'load' ? { stream: 'Loaded' } : { Architecture: 'amd64' });
      return;
    }
    if (path === '/containers/json') {
      say(
        200,
        [...this.containers.keys()].map((each) => ({ Id: each, Names: [`/${each}`] })),
      );
      return;
    }
    if (name === 'create') {
      this.#create(new URLSearchParams(query).get('name') ?? '', body, say);
      return;
    }
    this.#container(request, response, { name, verb, say });
  }

  /** Whether the request gets an answer that is none. */
  #tamper({ method = '', url = '' }: IncomingMessage, socket: Duplex): boolean {
    const request = `${method} ${unversioned(url).split('?')[0] ?? ''}`;
    if (this.tampered?.request.test(request) !== true) return false;
    this.tamperedCount += 1;
    socket.on('error', () => undefined);
    const { how, away } = this.tampered;
    const json = (body: string, length = body.length): string =>
      `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
    const texts: Readonly<Record<Exclude<Tamper, 'silence' | 'endlessHead' | 'endlessBody' | 'closed'>, string>> = {
      halfHead: 'HTTP/1.1 200 OK\r\nContent-Ty',
      halfBody: json('{"Id":', 1000),
      cutBody: json('{"Id":', 1000),
      redirect: `HTTP/1.1 307 Temporary Redirect\r\nConnection: close\r\nLocation: ${away}\r\nContent-Length: 0\r\n\r\n`,
      garbage: json('\u001b[31m<html>'),
      wrongType: json('7'),
    };
    if (how === 'endlessHead') endless(socket, 'HTTP/1.1 200 OK\r\n', 'X-More: 1\r\n'.repeat(100));
    else if (how === 'endlessBody') endless(socket, 'HTTP/1.1 200 OK\r\n\r\n', ' '.repeat(1 << 16));
    else if (how === 'closed') socket.destroy();
    else if (how === 'halfHead' || how === 'halfBody') socket.write(texts[how]);
    else if (how !== 'silence') socket.end(texts[how]);
    return true;
  }

  #create(name: string, body: string, say: (status: number, value: unknown) => void): void {
    if (this.#does('refuseCreate', name)) {
      say(500, { message: 'no space left on device' });
      return;
    }
    this.containers.set(name, { options: JSON.parse(body) as FakeContainer['options'] });
    say(201, { Id: name, Warnings: [] });
  }

  #container(
    request: IncomingMessage,
    response: ServerResponse,
    { name, verb, say }: { name: string; verb: string | undefined; say: (status: number, value: unknown) => void },
  ): void {
    const container = this.containers.get(name);
    if (container === undefined) {
      say(404, { message: `No such container: ${name}` });
      return;
    }
    if (verb === 'json' && this.#does('dieOnInspect', name) && container.isStarted === true) {
      this.vanish();
      return;
    }
    if (request.method === 'DELETE') {
      if (this.#does('neverRemove', name)) return;
      container.output?.end();
      this.containers.delete(name);
      response.writeHead(204).end();
    } else if (verb === 'wait') {
      container.waiter = response.writeHead(200);
      response.flushHeaders();
    } else if (verb === 'start') this.#start(name, container, response, say);
    else if (verb === 'kill') response.writeHead(204).end();
    else {
      const state = { Running: true, Pid: 1, Status: 'running', ExitCode: 0 };
      say(200, { Id: name, HostConfig: container.options.HostConfig, State: state });
    }
  }

  #start(
    name: string,
    container: FakeContainer,
    response: ServerResponse,
    say: (status: number, value: unknown) => void,
  ): void {
    if (this.#does('vanish', name)) {
      this.vanish();
      return;
    }
    if (this.#does('refuseStart', name)) {
      say(400, { message: this.fault?.words ?? 'OCI runtime create failed' });
      return;
    }
    container.isStarted = true;
    response.writeHead(204).end();
    if (this.#does('hang', name)) return;
    const word =
      { sleep: 'ready\n', seccomp: 'seccomp 2\n' }[container.options.Entrypoint[1] ?? ''] ??
      (container.options.Entrypoint[0] === '/probe32' ? 'ok32\n' : 'ok\n');
    const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, word.length]);
    if (!this.#does('silent', name)) container.output?.write(Buffer.concat([head, Buffer.from(word)]));
    if (word === 'ready\n') return;
    container.waiter?.end(JSON.stringify({ StatusCode: 0 }));
    container.output?.end();
  }

  #does(how: Fault['how'], name: string): boolean {
    return this.fault?.how === how && this.fault.names.test(name);
  }

  /** Ends as a daemon that crashes does. */
  vanish(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.socket, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.vanish();
    await Promise.resolve();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Writes the same for as long as somebody reads. */
function endless(socket: Duplex, head: string, more: string): void {
  socket.write(head);
  const write = (): void => {
    while (!socket.destroyed && socket.write(more));
  };
  socket.on('drain', write);
  write();
}

const unversioned = (url: string): string => url.replace(/^\/v\d+\.\d+(?=\/)/, '');

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
