import { readFileSync } from 'node:fs';
import { PIDS_LIMIT } from '../model/container/containment.js';

/** Whether this process has root's effective user id. */
export const isRoot = (): boolean => process.geteuid?.() === 0;

/** An environment as posix_spawn wants it. */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/** Processes of a container that setrlimit(2) limits: at most the user's own limit, which only root may raise. */
export function processLimit(): number {
  const hard = /^Max processes\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return Math.min(PIDS_LIMIT, Number(hard ?? PIDS_LIMIT));
}
