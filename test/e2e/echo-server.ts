import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';

export const PORT = '18099';
/** Other test files run such servers at the same time. */
const MARK = randomUUID();
/** Answers every line with the same line. It says something, so that it can be waited for by a line too. */
export const SERVER = `import socketserver
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(line)
socketserver.TCPServer.allow_reuse_address = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", ${PORT}), Echo)
print("echo server is ready", flush=True)
server.serve_forever() # ${MARK}`;
/** 300 requests of it. */
export const LOAD = `python3 -c '
import socket, time
s = socket.create_connection(("127.0.0.1", ${PORT}))
f = s.makefile("rwb")
began = time.time()
for _ in range(300):
    f.write(b"x\\n"); f.flush(); f.readline()
print("300 requests,", time.time() - began, "s")
'`;
export const METRIC = String.raw`(?<requests>\d+) requests, (?<seconds>[\d.]+) s`;

export const HOST = ['workload', '--bind-host', '--count', '2', '--warmup', '0'] as const;
export const SERVED = ['--ready', PORT, '--load', LOAD, '--load-metric', METRIC] as const;
export const PYTHON = ['--', 'python3', '-u', '-c', SERVER] as const;

/** Pids of echo servers of this test file that run now. */
export const serversLeft = (): readonly string[] =>
  spawnSync('pgrep', ['-f', MARK], { encoding: 'utf8' }).stdout.trim().split('\n').filter(Boolean);

/** Waits for a condition, at most two minutes. */
export async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < 120_000 && !holds(); waitedMs += 20)
    await new Promise((done) => setTimeout(done, 20));
}
