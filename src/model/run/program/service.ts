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
   * named rps, requests, seconds and latency_ms. Absent: one of the known programs makes the load.
   */
  readonly metric?: string;
}

/** `6379` is a port, everything else a regular expression. */
export function readyFrom(text: string | number): Ready {
  const trimmed = String(text).trim();
  return /^\d+$/.test(trimmed) ? { kind: 'port', port: Number(trimmed) } : { kind: 'line', pattern: trimmed };
}

/** What is wrong with a sign of being ready: `expected X, got Y`; `undefined`: nothing. */
export function readyFault(ready: Ready): string | undefined {
  if (ready.kind === 'line')
    return ready.pattern === '' ? 'expected a port or a regular expression, got nothing' : patternFault(ready.pattern);
  return ready.port >= 1 && ready.port <= 65_535 ? undefined : `expected a port from 1 to 65535, got ${ready.port}`;
}

/** The same of an expression that finds the figures of a load, which needs a group. */
export function metricFault(pattern: string): string | undefined {
  const fault = patternFault(pattern);
  if (fault !== undefined || new RegExp(`${pattern}|`).exec('')?.length !== 1) return fault;
  return `expected a regular expression with a group, got "${pattern}"`;
}

function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'm');
    return undefined;
  } catch {
    return `expected a regular expression, got "${pattern}"`;
  }
}

/** What is waited for: `port 6379`, `line that fits /ready/`. */
export const readyWords = (ready: Ready): string =>
  ready.kind === 'port' ? `port ${ready.port}` : `line that fits /${ready.pattern}/`;
