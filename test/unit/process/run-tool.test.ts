import { describe, expect, it } from 'vitest';
import { killProcess } from '../../../src/process/processes.js';
import { runTool } from '../../../src/process/run-tool.js';

describe('runTool', () => {
  it('does not wait for a process that holds the output of a tool open after its end', async () => {
    const { exitCode, stdout } = await runTool('/bin/sh', ['-c', 'sleep 600 & echo $!']);
    // It is still there, and so did not end the wait.
    expect(() => process.kill(Number(stdout), 0)).not.toThrow();
    killProcess(Number(stdout));
    expect(exitCode).toBe(0);
  });
});
