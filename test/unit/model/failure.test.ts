import { describe, expect, it } from 'vitest';
import { failurePlace } from '../../../src/model/container/failure.js';

const placeOf = (cause: string, stderr = '', failedIn?: 'create' | 'write') =>
  failurePlace({ cause, stderr, ...(failedIn === undefined ? {} : { failedIn }) });

describe('the place of a failure', () => {
  it('is the launch where posix_spawn gave an errno', () => {
    expect(placeOf('could not be started: EAGAIN')).toEqual({ stage: 'launch', errno: 'EAGAIN' });
  });

  it('is the launch where the barrier could not become the runtime, by the number it wrote', () => {
    expect(placeOf('exit code 127', 'gate: exec /nowhere/runc: errno 2')).toEqual({ stage: 'launch', errno: 'ENOENT' });
  });

  it('is the stage the engine named, regardless of the message', () => {
    expect(placeOf('could not be started: ENOSPC', '', 'write')).toEqual({ stage: 'write', errno: 'ENOSPC' });
    expect(placeOf('exit code 1', 'cannot create', 'create')).toEqual({ stage: 'create', errno: null });
  });

  it('is the run where nobody said more, with the last errno the runtime put in words', () => {
    expect(placeOf('exit code 1', 'open state: permission denied: write /x: No space left on device')).toEqual({
      stage: 'run',
      errno: 'ENOSPC',
    });
    expect(placeOf('exit code 1', 'exec: "/payload": stat /payload: no such file or directory')).toEqual({
      stage: 'run',
      errno: 'ENOENT',
    });
    expect(placeOf('killed by SIGSEGV')).toEqual({ stage: 'run', errno: null });
  });

  it('tells a full table of the system from a full one of the process', () => {
    expect([
      placeOf('exit code 1', 'open: too many open files').errno,
      placeOf('exit code 1', 'open: too many open files in system').errno,
    ]).toEqual(['EMFILE', 'ENFILE']);
  });
});
