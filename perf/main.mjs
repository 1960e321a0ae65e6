// npm run perf [-- NAME...]: the figures the project promises, as a Markdown table. Benchmarks, not tests: they need a
// quiet machine, runc, and hyperfine and xargs as yardsticks
// (apt-get install --no-install-recommends runc hyperfine findutils).
const FIGURES = {
  convert: async () => (await import('./convert.mjs')).convertPerf(),
  analysis: async () => (await import('./analysis.mjs')).analysisPerf(),
  fleet: async () => (await import('./analysis.mjs')).fleetPerf(),
  report: async () => (await import('./report.mjs')).reportPerf(),
  simulate: async () => (await import('./simulate.mjs')).simulatePerf(),
  help: async () => (await import('./start-up.mjs')).startUpPerf(),
  single: async () => (await import('./single-run.mjs')).singleRunPerf(),
  batch: async () => (await import('./batch.mjs')).batchPerf(),
  interval: async () => (await import('./main-job.mjs')).intervalPerf(),
  modes: async () => (await import('./modes.mjs')).modesPerf(),
  memory: async () => (await import('./main-job.mjs')).memoryPerf(),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(FIGURES, name));
if (unknown.length > 0) {
  process.stderr.write(`perf: Expected one of ${Object.keys(FIGURES).join(', ')}, got ${unknown.join(', ')}\n`);
  process.exit(2);
}

const rows = [];
for (const name of wanted.length === 0 ? Object.keys(FIGURES) : wanted) {
  process.stderr.write(`measuring: ${name}\n`);
  try {
    rows.push(...(await FIGURES[name]()));
  } catch (error) {
    rows.push({ figure: name, measured: `not measured: ${error.message.split('\n')[0]}`, target: '', met: false });
  }
}
process.stdout.write('| figure | measured | target | |\n|---|---|---|---|\n');
for (const { figure, measured, target, met } of rows)
  process.stdout.write(
    `| ${figure} | ${measured} | ${target} | ${target === 'none' ? '' : met ? 'met' : 'missed'} |\n`,
  );
process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
