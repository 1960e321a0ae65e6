import { appendFileSync } from 'node:fs';
import { DefaultReporter } from 'vitest/node';
import type { TestCase, TestModule } from 'vitest/node';

const LONGEST_REASON = 600;
/** What a command printed last says most, so more is kept of the end. */
const KEPT_OF_START = 200;

/** Vitest's own output, then every skipped or failed test with its reason, then one plain line that CI recognises. */
export default class PlainReporter extends DefaultReporter {
  override onTestRunEnd(...args: Parameters<DefaultReporter['onTestRunEnd']>): void {
    super.onTestRunEnd(...args);
    const [modules, errors] = args;
    const tests = modules.flatMap((module: TestModule) => [...module.children.allTests()]);
    const inState = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
    for (const test of inState('skipped')) {
      const result = test.result();
      const reason = result.state === 'skipped' ? result.note : undefined;
      process.stdout.write(`skipped: ${test.fullName}: ${reason ?? 'no reason given'}\n`);
    }
    for (const test of inState('failed')) {
      const reason = (test.result().errors ?? []).map(({ message }) => message).join(' ');
      process.stdout.write(`failed: ${oneLine(`${test.fullName}: ${reason}`)}\n`);
    }
    const brokenModules = modules.filter((module) => module.errors().length > 0);
    for (const module of brokenModules) {
      const reason = module.errors().map(({ message }) => message);
      process.stdout.write(`failed: ${oneLine(`${module.relativeModuleId}: ${reason.join(' ')}`)}\n`);
    }
    const failed = inState('failed').length + brokenModules.length + errors.length;
    const [passed, skipped] = [inState('passed').length, inState('skipped').length];
    process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    // scripts/test.mjs adds up several runs.
    const counts = process.env['BENCH_TEST_COUNTS'];
    if (counts !== undefined) appendFileSync(counts, `${JSON.stringify([passed, failed, skipped])}\n`);
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  if (line.length <= LONGEST_REASON) return line;
  return `${line.slice(0, KEPT_OF_START)} […] ${line.slice(KEPT_OF_START - LONGEST_REASON)}`;
}
