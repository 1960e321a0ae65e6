// Processes of this machine, as /proc tells.
import { readdirSync, readFileSync } from 'node:fs';

const pids = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function read(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** State, parent and start (clock ticks since boot) of a process; null where it is gone. */
function processOf(pid) {
  const stat = read(pid, 'stat');
  // The name before them may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.length < 20 ? null : { pid, state: fields[0], parent: Number(fields[1]), start: fields[19] };
}

const all = () => pids().flatMap((pid) => processOf(pid) ?? []);

/** Pids of all descendants of a process. */
export const descendantsOf = (pid) => familyOf(pid).map((one) => one.pid);

/** All descendants of a process, with their starts, by which they are known again. */
export function familyOf(pid) {
  const processes = all();
  const under = (above) =>
    processes.filter(({ parent }) => parent === above).flatMap((one) => [one, ...under(one.pid)]);
  return under(pid);
}

/** Children of a process that have ended and were not waited for. */
export const zombiesOf = (pid) => all().filter(({ parent, state }) => parent === pid && state === 'Z').length;

/** Whether a process of before still runs; a zombie does not. */
export function stillRuns({ pid, start }) {
  const now = processOf(pid);
  return now !== null && now.start === start && now.state !== 'Z' && now.state !== 'X';
}

/** Processes whose environment or command line has one of the words, this process apart. */
export const processesWith = (words) =>
  pids().filter((pid) => {
    if (pid === process.pid) return false;
    const text = `${read(pid, 'environ')}\0${read(pid, 'cmdline')}`;
    return words.some((word) => text.includes(word)) && stillRuns({ pid, start: processOf(pid)?.start });
  });

export const commandOf = (pid) => read(pid, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 100);
