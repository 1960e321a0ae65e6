import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A comment as GitHub and GitLab list it, as far as a script looks at it. */
export interface ForgeComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string };
  readonly author: { readonly id: number };
}

/** The comments API of GitHub and of GitLab, on loopback: lists in pages of 100, posts, replaces. */
export class FakeForge {
  readonly comments: ForgeComment[] = [];
  /** Method and path of every request, with the secret it came with. */
  readonly requests: { readonly line: string; readonly secret: string }[] = [];
  /** Answers to everything but reading, in place of doing it. */
  refusal: number | null = null;
  private readonly server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const [status, answer] = this.answer(request, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });

  /** Its address, once it listens. */
  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  add(body: string, login: string, author = 0): void {
    this.comments.push({ id: 100 + this.comments.length, body, user: { login }, author: { id: author } });
  }

  private answer(request: IncomingMessage, text: string): readonly [number, unknown] {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', 'http://forge');
    const secret = headers.authorization ?? String(headers['private-token'] ?? '');
    this.requests.push({ line: `${method} ${url.pathname}`, secret });
    if (url.pathname === '/user') return [200, { id: 7 }];
    if (method === 'GET') {
      const [page, size] = ['page', 'per_page'].map((name) => Number(url.searchParams.get(name)));
      return [200, this.comments.slice((page! - 1) * size!, page! * size!)];
    }
    if (this.refusal !== null) return [this.refusal, { message: 'refused' }];
    const { body } = JSON.parse(text) as { body: string };
    if (method === 'POST') {
      this.add(body, 'github-actions[bot]', 7);
      return [201, {}];
    }
    const id = Number(url.pathname.split('/').at(-1));
    const comment = this.comments.find((one) => one.id === id);
    if (comment === undefined) return [404, {}];
    comment.body = body;
    return [200, {}];
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
