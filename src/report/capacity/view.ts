import type { FilterCapacity } from '../../model/filter/capacity.js';
import type { CapacityResult } from '../../model/results/capacity.js';
import type { Finding, PlainReport } from '../plain-report.js';
import { hostRows } from '../run/host-table.js';
import { left, right, type Table } from '../run/tables.js';
import { counted, DASH, formatCount } from '../text/format.js';
import { capacityPictures } from './pictures.js';
import { measuredText, partRows } from './terminal.js';
import { answerOf, filterOf, wordsOf } from './words.js';

/** The report of a run that measures the kernel memory of a filter. */
export const capacityReport = (capacity: FilterCapacity, run: CapacityResult): PlainReport => ({
  title: run.plan.scenario.title ?? 'Kernel memory of a filter',
  subtitle: `${answerOf(capacity)} ${filterOf(capacity)}.`,
  findings: findingsOf(capacity),
  warnings: [],
  pictures: capacityPictures(capacity),
  tables: [
    wordsTable(capacity),
    partsTable(capacity),
    ...chargedTable(capacity),
    ...fitTable(capacity),
    ...countedTable(capacity),
    hostTableOf(run),
  ],
  method: METHOD,
});

/** Whether the kernel's own rules predict what was seen. */
function findingsOf({ memory, stack }: FilterCapacity): readonly Finding[] {
  const { program, predictedProgram } = memory;
  const isAsPredicted =
    program.state === 'measured' && Math.abs(program.value.bytes - predictedProgram) < 0.01 * predictedProgram;
  return [
    {
      state: program.state !== 'measured' ? 'open' : isAsPredicted ? 'holds' : 'fails',
      sentence: `the program takes the ${formatCount(predictedProgram)} bytes that are predicted from its instructions`,
    },
    {
      state: stack.refusal?.step !== 'load' ? 'open' : stack.loaded === stack.predicted ? 'holds' : 'fails',
      sentence: `one task can have ${counted(stack.predicted, 'filter')} like this one, as predicted`,
    },
  ];
}

const wordsTable = (capacity: FilterCapacity): Table => ({
  title: 'In words',
  columns: [left('What it means')],
  rows: wordsOf(capacity).map((one) => [one]),
});

const partsTable = (capacity: FilterCapacity): Table => ({
  title: 'One filter by part',
  columns: [left('Part'), right('Bytes [95 %]'), left('What to know')],
  rows: partRows(capacity).slice(1),
});

/** Only cgroup v2 tells parts apart. */
function chargedTable({ memory: { charged } }: FilterCapacity): readonly Table[] {
  const { slab, vmalloc, percpu } = charged.parts;
  if ([slab, vmalloc, percpu].every(({ state }) => state !== 'measured')) return [];
  return [
    {
      title: "Charged to a container's cgroup",
      columns: [left('In memory.stat'), right('Bytes of one filter [95 %]')],
      rows: [
        ['kernel', measuredText(charged.bytes)],
        ['vmalloc', measuredText(vmalloc)],
        ['slab', measuredText(slab)],
        ['percpu', measuredText(percpu)],
      ],
    },
  ];
}

function fitTable({ room }: FilterCapacity): readonly Table[] {
  if (room.state !== 'measured') return [];
  return [
    {
      title: 'What fits',
      columns: [right('Execs in each container'), right('More containers, at least'), right('At most')],
      rows: room.value.withExecs.map(({ execs, containers: { low, high } }) => [
        String(execs),
        formatCount(low),
        formatCount(high),
      ]),
    },
  ];
}

function countedTable({ counted: counts }: FilterCapacity): readonly Table[] {
  if (counts.length === 0) return [];
  return [
    {
      title: 'Counted under a lowered limit',
      columns: [right('Limit in bytes'), right('Filters loaded'), right('Tasks'), left('What stopped it')],
      rows: counts.map(({ limit, crowd: { filters, tasks, refusal } }) => [
        formatCount(limit),
        formatCount(filters),
        formatCount(tasks),
        refusal === null ? DASH : `${refusal.step}, errno ${refusal.errno}`,
      ]),
    },
  ];
}

function hostTableOf({ plan, host }: CapacityResult): Table {
  const { tasks, stacked, untilRefused } = plan.scenario;
  const rows = [
    ['Started', plan.startedAt],
    ['Command', `bench ${plan.command.join(' ')}`],
    ['Tasks', `${formatCount(tasks)}, ${counted(stacked, 'filter')} in each`],
    ['Limit lowered', untilRefused ? 'yes' : 'no'],
    ...hostRows(host),
  ];
  return { title: 'Host and run', columns: [left('What'), left('Value')], rows, folded: true };
}

const METHOD: readonly string[] = [
  'Tasks with the filter and tasks without it are made in turn; the difference is what the filters take.',
  'Programs are read from /proc/vmallocinfo, other memory from Slab of /proc/meminfo, which other programs change too.',
  'What is charged is read from a new cgroup in which the tasks are born: memory.kmem.usage_in_bytes of version 1, or \
memory.stat of version 2.',
  'The JIT image is the difference of two limits divided by that of the filters loaded under them.',
  'Each figure is the mean of seven trimmed means over the rounds, with a 95 % t interval.',
];
