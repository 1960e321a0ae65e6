import { describe, expect, it } from 'vitest';
import type { ListEdit } from '../../../src/model/analysis/advice.js';
import { editWords, foreknownWords } from '../../../src/report/advice/foreknown.js';
import { armNoteWords } from '../../../src/report/words/arm-notes.js';
import { unpricedWords } from '../../../src/report/words/cost/percall.js';

const entry = (name: string, index: number, line: number) => ({ name, path: `architectures[${index}]`, line });
const edit = (more: Partial<ListEdit> = {}): ListEdit => ({
  file: 'p.json',
  remove: [entry('A', 0, 4), entry('C', 2, 6), entry('D', 3, 7)],
  lastKeptLine: null,
  sharedLines: false,
  keep: ['B', 'E'],
  ...more,
});

describe('what is known before advice is measured', () => {
  it('is which calls have no price, and why', () => {
    const unpriced = [
      { call: 'personality', action: 'KILL_THREAD' },
      { call: 'unknown', action: 'KILL_THREAD' },
      { call: 'mount', action: 'TRACE(1)' },
      { call: 'fchownat', action: 'USER_NOTIF' },
    ];
    expect(foreknownWords({ unpriced, needed: null, logs: false })).toEqual([
      'Not priced: personality, unknown. The filter answers KILL_THREAD, which would end the program that times them.',
      'Not priced: mount. The filter answers TRACE(1), which asks a tracer, and there is none.',
      'Not priced: fchownat. The filter answers USER_NOTIF, which asks a listener and waits for it.',
    ]);
  });

  it('is that no call can be priced, and that a log is neither free nor cached', () => {
    const [needed, logs] = foreknownWords({ unpriced: [], needed: 'clock_gettime', logs: true });
    expect(needed).toBe(
      'No call is priced: the filter denies clock_gettime, which the program that times calls needs. Starts are measured.',
    );
    expect(logs).toMatch(/^The default action is LOG: .*caches none and may write each to the audit log\.$/);
  });
});

describe('the lines to edit', () => {
  it('are named together where they follow each other, with the list that remains', () => {
    expect(editWords(edit())).toEqual([
      'To do it, delete lines 4 and 6-7 of p.json (A, C, D). The list is then:',
      '"architectures": ["B", "E"]',
    ]);
  });

  it('include a comma where everything after it goes', () => {
    expect(editWords(edit({ remove: [entry('E', 4, 8)], lastKeptLine: 7 }))[0]).toBe(
      'To do it, delete line 8 of p.json (E), and the comma at the end of line 7. The list is then:',
    );
  });

  it('are places in the list where a line has several entries, and only the file where nothing was found', () => {
    const remove = [entry('A', 0, 1), entry('C', 2, 1)];
    expect(editWords(edit({ remove, sharedLines: true }))[0]).toBe(
      'To do it, delete A, C (architectures[0], architectures[2]) in line 1 of p.json. The list is then:',
    );
    expect(editWords(edit({ remove: [] }))[0]).toBe(
      'To do it, edit the list "architectures" in p.json. The list is then:',
    );
  });
});

describe('what is noted of an arm before its first start', () => {
  it('is one sentence each', () => {
    const arm = 'mine';
    expect(
      [
        { code: 'listenerUnknown', arm, path: '/run/x.sock', engine: 'docker' } as const,
        { code: 'flagsUnknown', arm, flags: ['F', 'G'], engine: 'oci' } as const,
        { code: 'flagsDropped', arm, flag: 'F' } as const,
        { code: 'noListener', arm } as const,
      ].map(armNoteWords),
    ).toEqual([
      'docker runs the containers of arm mine on another machine: whether anybody listens at /run/x.sock there is unknown',
      'oci does not say whether it loads F, G (arm mine): its first start shows it',
      'the kernel takes F only with a listener: crun loads the filter of arm mine without its flags',
      'arm mine has SCMP_ACT_NOTIFY and no listenerPath: crun loads it, and a notified call fails with ENOSYS',
    ]);
    expect(unpricedWords({ calls: ['unknown'], arm, action: 'TRAP(0)' })).toBe(
      'unknown: the filter of mine answers TRAP(0), which would end the program that times it',
    );
  });
});
