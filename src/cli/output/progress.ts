import type { Io } from '../../model/io.js';
import { formatDuration } from '../../report/index.js';

export interface Progress {
  /** Called between blocks, never within one. */
  readonly blockDone: (done: number, containers: number, failed: number) => void;
  /** What the blocks show until now, for the line on a terminal. */
  readonly show: (soFar: string) => void;
  readonly end: () => void;
}

/** What a block is called, and what its parts are. */
export interface ProgressWords {
  readonly unit: string;
  readonly things: 'containers' | 'execs';
}

const REDRAW_EVERY_MS = 100;
const PLAIN_LINES = 10;

/** How far a run goes: to so many blocks, or for so many seconds, within which `blocks` are expected. */
export interface Way {
  readonly blocks: number;
  readonly seconds: number | null;
}

/** A line that is redrawn on a terminal; otherwise a plain line each tenth of the way. */
export function progressOf(
  { blocks, seconds: time }: Way,
  { unit, things }: ProgressWords,
  io: Io,
  now: () => number,
): Progress {
  const startedMs = now();
  const line = (done: number, containers: number, failed: number, soFar = ''): string => {
    const seconds = Math.max((now() - startedMs) / 1000, 1e-3);
    const secondsLeft = time === null ? (seconds / done) * (blocks - done) : Math.max(0, time - seconds);
    const left = done === 0 ? '' : ` · ${formatDuration(secondsLeft)} left`;
    const parts = [
      time === null ? `${unit} ${done}/${blocks}` : `${unit} ${done}`,
      ...(soFar === '' ? [] : [soFar]),
      `${(containers / seconds).toFixed(1)} ${things}/s${left}`,
      ...(failed === 0 ? [] : [`${failed} failed`]),
    ];
    return parts.join(' · ');
  };
  const share = (done: number): number => (time === null ? done / blocks : (now() - startedMs) / 1000 / time);
  return io.columns === null ? plain(share, line, io) : redrawn(line, io.columns, io, now);
}

type Line = (done: number, containers: number, failed: number, soFar?: string) => string;

function redrawn(line: Line, columns: number, io: Io, now: () => number): Progress {
  let drawnMs = -Infinity;
  let drawn = false;
  let soFar = '';
  return {
    show: (text) => {
      soFar = text;
    },
    blockDone: (done, containers, failed) => {
      if (now() - drawnMs < REDRAW_EVERY_MS) return;
      drawnMs = now();
      drawn = true;
      io.err(`\r\u001b[K${line(done, containers, failed, soFar).slice(0, columns - 1)}`);
    },
    end: () => {
      if (drawn) io.err('\r\u001b[K');
    },
  };
}

function plain(share: (done: number) => number, line: Line, io: Io): Progress {
  let tenths = 0;
  return {
    show: () => undefined,
    blockDone: (done, containers, failed) => {
      const reached = Math.floor(share(done) * PLAIN_LINES);
      if (reached === tenths) return;
      tenths = reached;
      io.err(`${line(done, containers, failed)}\n`);
    },
    end: () => undefined,
  };
}
