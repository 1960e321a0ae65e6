// What does the kernel take to load a filter, part by part, and how much of its memory does the filter take? No
// container is started: the filter is loaded in tasks that end afterwards.
//
// node load-and-memory.js [ROUNDS]; as root it also tells the memory of the program
import {
  analyseResults,
  explainAttach,
  measureAttach,
  measureCapacity,
  writeAttachReport,
  writeReport,
} from 'seccomp-bench';

const rounds = Number(process.argv[2] ?? 60);

const measured = await measureAttach({ rounds, seed: 1 });
for (const { part, ns, low, high } of measured.attach.parts)
  console.log(`${part}: ${(ns / 1000).toFixed(1)} µs [${(low / 1000).toFixed(1)}, ${(high / 1000).toFixed(1)}]`);
console.log(explainAttach(measured.attach)[0]);

// Bytes of 200 loaded filters, with and without in turn; the samples are in a results folder.
const { folders } = await measureCapacity({ tasks: 200 });
const analysed = analyseResults(folders);
if (analysed.kind !== 'capacity') throw new Error('expected the memory of a filter');
const { slab, program } = analysed.capacity.memory;
for (const [what, bytes] of Object.entries({ slab, program }))
  console.log(`${what}: ${bytes.state === 'measured' ? `${bytes.value.bytes.toFixed(0)} bytes` : bytes.reason}`);

const target = { directory: 'reports' };
console.log(
  `reports: ${(await writeAttachReport(measured, target)).page}, ${(await writeReport(folders, target)).page}`,
);
