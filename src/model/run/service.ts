import { BenchError, invalidValue } from '../../errors.js';

/** When a server takes requests: a TCP port listens in its network, or a line of its output fits. */
export type Ready =
  | { readonly kind: 'port'; readonly port: number }
  /** A regular expression of JavaScript; `^` and `$` are the ends of a line. */
  | { readonly kind: 'line'; readonly pattern: string };

/** A program that serves requests, and what makes them. */
export interface Service {
  readonly ready: Ready;
  /** A command line for /bin/sh of the host, run in the network of the container. */
  readonly load: string;
  /**
   * A regular expression that finds requests per second in the output of the load: in its first group, or in groups
   * named {@link METRIC_GROUPS}. Absent: one of the known programs makes the load.
   */
  readonly metric?: string;
}

/** Names of groups in {@link Service.metric}. */
export const METRIC_GROUPS = ['rps', 'requests', 'seconds', 'latency_ms'] as const;

/** `6379` is a port, everything else a regular expression. Throws `usage`; `name` is that of the option. */
export function readyIn(text: string | number, name: string): Ready {
  const trimmed = String(text).trim();
  if (trimmed === '') throw invalidValue(name, 'a port or a regular expression', 'nothing');
  if (!/^\d+$/.test(trimmed)) return { kind: 'line', pattern: assertPattern(trimmed, name) };
  const port = Number(trimmed);
  if (port >= 1 && port <= 65_535) return { kind: 'port', port };
  throw invalidValue(name, 'a port from 1 to 65535', trimmed, { hint: 'A line of digits is found by [6]379.' });
}

/** Throws `usage` for what is no regular expression, or has no group although it needs one. */
export function metricIn(pattern: string, name: string): string {
  assertPattern(pattern, name);
  if (new RegExp(`${pattern}|`).exec('')?.length !== 1) return pattern;
  throw invalidValue(name, 'a regular expression with a group', `"${pattern}"`, {
    hint: `For example --load-metric 'rate: ([0-9.]+)'; groups may be named ${METRIC_GROUPS.join(', ')}.`,
  });
}

function assertPattern(pattern: string, name: string): string {
  try {
    new RegExp(pattern, 'm');
    return pattern;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^.*\/m?: /, '') : 'it is not one';
    throw new BenchError('usage', `${name}: expected a regular expression, got "${pattern}" (${reason})`, { cause });
  }
}

/** The ready condition in words: `port 6379`, `a line that fits /ready/`. */
export const readyWords = (ready: Ready): string =>
  ready.kind === 'port' ? `port ${ready.port}` : `a line that fits /${ready.pattern}/`;
