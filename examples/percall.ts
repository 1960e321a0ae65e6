// What does a filter add to a system call? Timed inside containers, in nanoseconds.
//
// Run as root: node percall.js [BLOCKS]
import { analysePercall, callsRequest, readPercallResults, runExperiment, writeReport } from 'seccomp-bench';

const blocks = Number(process.argv[2] ?? 10);

// getppid is answered from the kernel's cache of constant answers, personality is not: it depends on an argument.
const request = callsRequest({ engine: 'namespaces', calls: ['getppid', 'personality'], arms: ['native'], blocks });
const { folders } = await runExperiment(request);

for (const folder of folders) {
  const { prices } = analysePercall(readPercallResults(folder));
  for (const { arm, call, ns, added, cached, instructions } of prices) {
    const work = cached ? 'cached by the kernel' : `${String(instructions)} instructions`;
    console.log(`${call} under ${arm}: ${ns.value.toFixed(1)} ns, ${added.value.toFixed(1)} ns more (${work})`);
  }
}

const { page } = await writeReport(folders, { directory: 'reports' });
console.log(`report: ${page}`);
