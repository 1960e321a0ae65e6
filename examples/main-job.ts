// The main job in a program: what does a profile cost at a container's start when all its architectures are converted
// ("before"), and what when only the host's are ("after")?
//
// Run as root: node main-job.js [BLOCKS]
import { analyseFolder, explain, runExperiment, startsRequest, writeReport } from 'seccomp-bench';

const blocks = Number(process.argv[2] ?? 30);

// Every block starts one container per arm, in an order that is shuffled from the seed. A third arm, a copy of
// "before", is added: it tells what a difference is worth on this machine.
const { folders, failed } = await runExperiment(
  startsRequest({ engine: 'namespaces', arms: ['before', 'after'], blocks }),
);

for (const folder of folders) {
  // All that is claimed is derived from the samples in the folder, now or years later.
  const run = analyseFolder(folder);
  for (const { arm, baseline, metric, verdict, estimate } of run.analysis.comparisons) {
    const percent = estimate === null ? 'no estimate' : `${(100 * Math.expm1(estimate.logRatio)).toFixed(1)} %`;
    console.log(`${arm} against ${baseline}, ${metric}: ${verdict} (${percent})`);
  }
  const { verdicts, warnings } = explain(run);
  console.log([...verdicts, ...warnings].join('\n'));
}

const report = await writeReport(folders, { directory: 'reports' });
console.log(`${String(failed)} containers failed; report: ${report.page}`);
