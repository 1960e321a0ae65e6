import { describe, expect, it } from 'vitest';
import { killProcess } from '../../../src/process/processes.js';
import { runTool } from '../../../src/process/run-tool.js';

const node = (script: string, maxBytes?: number): ReturnType<typeof runTool> =>
  runTool(process.execPath, ['-e', script], maxBytes === undefined ? {} : { maxBytes });

describe('runTool', () => {
  it('gives the exit code and all of both outputs', async () => {
    expect(await node('process.stdout.write("é\\n"); process.stderr.write("why"); process.exitCode = 3')).toEqual({
      exitCode: 3,
      stdout: 'é\n',
      stderr: 'why',
    });
  });

  it.each(['stdout', 'stderr'])('ends a tool that writes to %s without end', async (stream) => {
    const endless = `const text = "x".repeat(65536); const go = () => { while (process.${stream}.write(text)); process.${stream}.once("drain", go) }; go()`;
    await expect(node(endless, 100_000)).rejects.toThrow(/printed more than 97 KiB$/);
  });

  it('says that a program cannot be started', async () => {
    await expect(runTool('/no/such/program', [])).rejects.toThrow(
      'could not start /no/such/program: no such file or directory',
    );
  });

  it('does not wait for a process that holds the output of a tool open after its end', async () => {
    const { exitCode, stdout } = await runTool('/bin/sh', ['-c', 'sleep 600 & echo $!']);
    // It is still there, and so did not end the wait.
    expect(() => process.kill(Number(stdout), 0)).not.toThrow();
    killProcess(Number(stdout));
    expect(exitCode).toBe(0);
  });
});
