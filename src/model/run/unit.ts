/** What can be timed: the whole life of a container, or an exec in a container that runs already. */
export const UNITS = ['start', 'exec'] as const;
/** What is timed, once per arm and block. */
export type Unit = (typeof UNITS)[number];

/** So many containers, each with a probe: a program that is started in it again and again. */
export interface Probes {
  /**
   * Containers on one machine.
   *
   * @asType integer
   * @minimum 1
   */
  readonly containers: number;
  /**
   * Between two probes of one container, in milliseconds.
   *
   * @asType integer
   * @minimum 1
   */
  readonly everyMs: number;
}

/** Probes of all containers in a second. */
export const probesPerSecond = ({ containers, everyMs }: Probes): number => (containers * 1000) / everyMs;

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MOST_CONTAINERS = 1_000_000;
const DAY_MS = 86_400_000;

/** What {@link probesIn} reads, for messages. */
export const PROBES_FORM = 'CONTAINERS@INTERVAL, at most 1,000,000 containers and an interval from 1ms to 24h';

/** `100@10s`: a probe every 10 s in each of 100 containers; `undefined` where the text says something else. */
export function probesIn(text: string): Probes | undefined {
  const [, count = '', every = '', unit = ''] = /^(\d{1,7})@(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  if (count === '') return undefined;
  const [containers, everyMs] = [Number(count), Number(every) * (MILLISECONDS[unit] ?? Number.NaN)];
  const isIn = containers >= 1 && containers <= MOST_CONTAINERS && everyMs >= 1 && everyMs <= DAY_MS;
  return isIn && Number.isInteger(everyMs) ? { containers, everyMs } : undefined;
}
