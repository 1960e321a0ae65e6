import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../../../../src/host/checkup/host.js';
import { hostFilesUnder } from '../../../../src/host/host-files.js';

/** What a program answers: its standard output, or the error it ends with. */
export type Answer = string | { readonly exitCode: number; readonly stderr: string };

/** A host whose files are below a folder and whose programs are a table of paths and answers. */
export class MadeUpHost implements Host, Disposable {
  readonly #root = mkdtempSync(join(tmpdir(), 'bench-checkup-'));
  readonly files = hostFilesUnder(this.#root);
  readonly asked: string[] = [];
  programs: Readonly<Record<string, Answer>> = {};
  sockets: Readonly<Record<string, 'denied' | 'there'>> = {};
  env: Record<string, string> = {};
  load = 0;
  readonly self = 'bench doctor';
  readonly system = {
    machine: () => 'x86_64',
    release: () => '6.1.0-18-amd64',
    loadavg: () => [this.load, 0, 0],
    cpus: () =>
      Array.from({ length: 4 }, () => ({ model: '', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } })),
  };

  put(files: Readonly<Record<string, string>>): this {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.#root, path)), { recursive: true });
      writeFileSync(join(this.#root, path), content);
    }
    return this;
  }

  /** An ordinary user's process, or root's with these capabilities. */
  user(uid: number, capabilities = uid === 0 ? '000001ffffffffff' : '0000000000000000'): this {
    return this.put({
      '/proc/self/status': `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${capabilities}\nSeccomp:\t0\nSeccomp_filters:\t0\n`,
    });
  }

  readonly program = (name: string): string | null => (name in this.programs ? `/usr/bin/${name}` : null);
  readonly socket = (path: string): 'none' | 'denied' | 'there' => this.sockets[path] ?? 'none';
  readonly ask: Host['ask'] = (file, args) => {
    this.asked.push([file, ...args].join(' '));
    const answer = this.programs[file.replace('/usr/bin/', '')];
    if (answer === undefined) return Promise.resolve(null);
    return Promise.resolve(
      typeof answer === 'string' ? { exitCode: 0, stdout: answer, stderr: '' } : { ...answer, stdout: '' },
    );
  };

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true });
  }
}
