// Opens an engine, starts one container under a filter, and looks at how it ended. Nothing is recorded.
//
// Run as root: node one-container.js
import { convertProfile, defaultProfile, hostConversion, loadProfile, openSession, serialiseSpec } from 'seccomp-bench';

const { text, name } = defaultProfile();
const { spec } = convertProfile(loadProfile(Buffer.from(text), name), hostConversion({ policy: 'native' }));

// Disposing the session stops its containers and removes every file and mount that was made for it.
await using session = await openSession({ choice: 'namespaces' });
const { engine, runId } = session;
console.log(`engine ${engine.facts.name} (${engine.facts.version})`);

await engine.prepare({ name: 'docker', spec, text: serialiseSpec(spec) });

// The timed path: create, start, wait and remove in one go.
const batch = await engine.run({
  arm: 'docker',
  mode: 'exit',
  ids: [`${runId}-0`],
  concurrency: 1,
  timeoutMs: 10_000,
  signal: new AbortController().signal,
});
for (const { exit, wall, usage } of batch.containers)
  console.log(`${exit.kind} after ${String(wall)} ns, ${String(usage.user + usage.system)} ns of CPU time`);

// The same state by state, for looking at a container while it runs.
await using created = await engine.create('docker', `${runId}-1`, 'sleep');
const started = await created.start();
console.log(`payload runs as process ${String(started.pid)}`);
const exited = await started.kill();
const removed = await exited.remove();
console.log(`${removed.id}: ${removed.state}`);
