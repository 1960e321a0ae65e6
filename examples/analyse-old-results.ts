// Analyses results of an earlier run again, with another margin, and makes one report of them all.
//
// Needs no root and no container: node analyse-old-results.js RESULTS...
import { analyseResults, writeReport } from 'seccomp-bench';

const folders = process.argv.slice(2);
if (folders.length === 0) throw new Error('usage: node analyse-old-results.js RESULTS...');

// Differences below 3 % do not matter here. Several runs are judged together: p is adjusted for all their tests.
const margin = 0.03;
const analysed = analyseResults(folders, { margin });
switch (analysed.kind) {
  case 'starts':
    for (const { run, analysis } of analysed.runs) {
      console.log(`${run.name}: ${String(analysis.blocksComplete)} of ${String(analysis.blocksPlanned)} blocks`);
      for (const { arm, metric, verdict, family } of analysis.comparisons)
        console.log(`  ${arm}, ${metric}: ${family?.verdict ?? verdict}`);
    }
    break;
  case 'calls':
    console.log(`${analysed.analysis.run.name}: ${String(analysed.analysis.prices.length)} prices of calls`);
    break;
  case 'advice':
    for (const { option, state } of analysed.advice.options) console.log(`${option}: ${state}`);
    break;
  case 'capacity':
    console.log(`${analysed.run.name}: kernel memory of a filter`);
}

const { page } = await writeReport(folders, { directory: 'reports', margin });
console.log(`report: ${page}`);
