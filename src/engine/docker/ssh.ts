import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { BenchError } from '../../errors.js';

const LAST_WORDS = 2000;

/**
 * Connections through the user's own `ssh`, which knows their keys, their configuration and the hosts they trust; at the other end
 * `docker system dial-stdio` passes each on to the daemon.
 */
export function sshAgent(url: URL): Agent {
  const agent = new Agent({ keepAlive: false });
  const target = [...(url.username === '' ? [] : ['-l', decodeURIComponent(url.username)]), ...(url.port === '' ? [] : ['-p', url.port]), '--', url.hostname];
  agent.createConnection = () => connect(target);
  return agent;
}

function connect(target: readonly string[]): Duplex {
  const child = spawn('ssh', ['-o', 'BatchMode=yes', '-T', ...target, 'docker', 'system', 'dial-stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => { words = (words + chunk.toString()).slice(-LAST_WORDS); });
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => { duplex.destroy(error); });
  child.on('close', (code) => {
    if (code !== 0 && !duplex.destroyed) duplex.destroy(new BenchError('environment', `Expected ssh to reach the engine, got exit code ${code ?? 'none'}: ${words.trim()}`, { hint: 'Does ssh to that host work without a password, and docker there?' }));
  });
  duplex.on('close', () => { child.kill(); });
  return duplex;
}
