import { describe, expect, it } from 'vitest';
import type { PricedActionUse } from '../../../src/model/analysis/advice.js';
import { percallReport, percallSummary, renderPercallTerminal } from '../../../src/report/index.js';
import { actionWarnings, leftOutSentence } from '../../../src/report/index.js';
import { logEvidence, loggingSentences } from '../../../src/report/percall/logging.js';
import { renderCallsExport } from '../../../src/report/export/calls.js';
import { analysePercall } from '../../../src/statistics/index.js';
import { plainContents } from '../../../src/report/plain-report.js';
import type { ActionSample } from '../../../src/model/results/percall/action-price.js';
import { actionRun, LOGGING } from '../statistics/actions.fixtures.js';

const analysis = analysePercall(actionRun());

describe('prices of actions in words', () => {
  it('say what a listener, a log line and a tracer cost, what that makes, and what changes it', () => {
    const { answers = [] } = percallReport(analysis);
    expect(answers.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(
        /^A call that a listener answers costs 4\.\d+ µs \[.+\] more than an allowed one: 4\d(\.\d+)? ms \[.+\] for 10,000 calls\.$/,
      ) as string,
      expect.stringMatching(/^A logged call costs 5\.\d+ µs \[.+\] more .* for 10,000 calls\.$/) as string,
      expect.stringMatching(/^A call that a tracer continues costs 7\.\d+ µs \[.+\] more .* 10,000 calls\.$/) as string,
    ]);
    expect(answers[0]?.details).toEqual([
      expect.stringMatching(
        /^Caller and listener on one processor: 3\.\d+ µs .+; on two processors: 38\.\d+ µs/,
      ) as string,
      expect.stringMatching(
        /^With a value .+ 3\.\d+ µs .+; with SYNC_WAKE_UP: 2\.\d+ µs .+; with WAIT_KILLABLE_RECV: 4\./,
      ) as string,
    ]);
    expect(answers[1]?.details?.[0]).toBe('The kernel logs this action (log is in actions_logged).');
    expect(percallSummary(analysis).actions?.sentences.slice(0, 2)).toEqual([
      answers[0]?.sentence,
      answers[0]?.details?.[0],
    ]);
  });

  it('stand before all tables, in the page and in Markdown', async () => {
    const { files } = await plainContents(percallReport(analysis), {});
    for (const name of ['index.html', 'summary.md']) {
      const text = String(files.get(name));
      const [answer, table] = ['A call that a listener answers costs', 'Per call [95 %]'].map((one) =>
        text.indexOf(one),
      );
      expect([name, answer !== -1 && (answer ?? 0) < (table ?? 0)]).toEqual([name, true]);
    }
  });

  it('stand before their table in a terminal', () => {
    const text = renderPercallTerminal(analysis, { columns: 100, reportPath: 'reports/a/index.html' });
    expect(text.indexOf('A call that a tracer continues')).toBeLessThan(text.indexOf('notify-sync '));
  });

  it('are proved by prctl where a container has no /proc', () => {
    const samples = (all: readonly ActionSample[]): readonly ActionSample[] =>
      all.map((one) =>
        one.state === 'ok' ? { ...one, procMode: one.action === 'log' ? -13 : -2, procFilters: -1 } : one,
      );
    const table = percallReport(analysePercall(actionRun({ samples }))).tables.find(({ title }) =>
      title.startsWith('What a listener'),
    );
    expect(new Set(table?.rows.map((row) => row.at(-1)))).toEqual(
      new Set(['mode 2 (prctl), no /proc', 'mode 2 (prctl), /proc not readable']),
    );
  });

  it('are in the report with their evidence', () => {
    const table = percallReport(analysis).tables.find(({ title }) => title.startsWith('What a listener'));
    expect(table?.rows.map(([answer, , , evidence, proc]) => [answer, evidence, proc])).toEqual(
      expect.arrayContaining([
        ['allowed', '–', 'mode 2, 1 filter'],
        ['listener: CONTINUE, SYNC_WAKE_UP', '18,000 of 18,000 notifications', 'mode 2, 1 filter'],
        ['logged', '10 of 250 lines seen', 'mode 2, 1 filter'],
        ['tracer: continues', '18,000 of 18,000 stops', 'mode 2, 1 filter'],
      ]),
    );
  });

  it.each([40, 60, 80])('fit %i columns', (columns) => {
    const text = renderPercallTerminal(analysis, { columns, reportPath: 'reports/a/index.html' });
    expect(text).toContain('notify-sync');
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([]);
  });

  it('are in exports under names that no arm has', () => {
    const csv = renderCallsExport('csv', analysis);
    expect(csv.split('\r\n').filter((line) => line.includes(',answer/notify-sync,'))).toHaveLength(90);
    expect(renderCallsExport('bencher', analysis)).toContain('"percall/x86_64/namespaces/answer/trace/getppid"');
  });

  it('name the flag that a kernel has not got, and the error of what is refused', () => {
    expect(leftOutSentence({ answer: 'notify-sync', errno: 22 }, '6.1.0')).toBe(
      'notify-sync is not measured: kernel 6.1.0 has no SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (Linux 6.6 or newer).',
    );
    expect(leftOutSentence({ answer: 'trace', errno: 1 }, '6.1.0')).toBe(
      'trace is not measured: this machine refuses it (EPERM).',
    );
    expect(leftOutSentence({ answer: 'notify-two-cpus', errno: 22 }, '6.1.0')).toBe(
      'notify-two-cpus is not measured: the containers may use one processor only.',
    );
  });
});

describe('what became of logged calls', () => {
  it('is said with the limit and what was seen', () => {
    expect(loggingSentences(LOGGING)).toEqual([
      'The kernel logs this action (log is in actions_logged).',
      "Audit is on. No audit daemon runs, so the records go to the kernel's log.",
      "The kernel's log takes at most 10 such lines in 5 s and drops the others (printk_ratelimit).",
      "Of 250 logged calls before the run, 10 are in the kernel's log.",
    ]);
  });

  it('is not claimed where it cannot be read', () => {
    const facts = {
      ...LOGGING,
      actionsLogged: ['errno'],
      audit: { state: 'unreadable', cause: 'EPERM' },
      printkLimit: null,
      kernelLog: { state: 'unreadable', cause: 'EPERM' },
      lost: null,
    } as const;
    expect(loggingSentences(facts)).toEqual([
      'The kernel does not log this action: log is not in /proc/sys/kernel/seccomp/actions_logged.',
      'Whether audit is on is not known (EPERM).',
      "Of 250 logged calls before the run, it is not known how many were written: the kernel's log cannot be read (EPERM).",
    ]);
  });

  it('does not end where audit is off, as the kernel writes records of seccomp without looking at that', () => {
    const audit = { state: 'read', enabled: 0, daemon: false, rateLimit: 0, backlogLimit: 64, lost: 0 } as const;
    expect(loggingSentences({ ...LOGGING, audit })[1]).toBe(
      'Audit is off, which does not stop the records of logged calls. ' +
        "No audit daemon runs, so the records go to the kernel's log.",
    );
  });

  it('is nothing without audit, and unknown on another machine', () => {
    expect(loggingSentences({ ...LOGGING, audit: { state: 'absent' } })).toEqual([
      'The kernel logs this action (log is in actions_logged).',
      'The kernel has no audit, or was started with audit=0, so logged calls are written nowhere.',
    ]);
    expect(loggingSentences(null)).toEqual([
      'The containers run on another machine: whether its audit or kernel log wrote the calls is not known.',
    ]);
  });

  it('has what audit dropped', () => {
    const audit = { state: 'read', enabled: 1, daemon: true, rateLimit: 100, backlogLimit: 64, lost: 40 } as const;
    expect(loggingSentences({ ...LOGGING, audit, lost: 1 }).slice(1)).toEqual([
      'Audit is on. An audit daemon takes the records; calls wait while its queue of 64 records is full.',
      'Audit drops what is above 100 records in a second.',
      'Of 250 logged calls before the run, audit lost 1.',
    ]);
    expect(loggingSentences({ ...LOGGING, lost: 40 }).slice(-2)).toEqual([
      "Of 250 logged calls before the run, 10 are in the kernel's log.",
      'Audit lost 40 records of these calls.',
    ]);
    expect(logEvidence({ ...LOGGING, audit, lost: 0 })).toBe('0 of 250 records lost');
  });
});

const SOURCE = { blocks: 30, engine: 'namespaces' };

describe('a warning of bench advise about actions', () => {
  const use: PricedActionUse = {
    action: 'notify',
    names: ['openat', 'mount'],
    isDefault: false,
    hasArguments: false,
    counted: { from: 'ls -lR', calls: [{ name: 'openat', calls: 41 }] },
    added: { ns: 4100, low: 3700, high: 4500 },
    reason: null,
  };

  it('has the counted calls, the price of one and of all', () => {
    expect(actionWarnings([use], SOURCE)).toEqual([
      'The profile asks a listener (SCMP_ACT_NOTIFY) for 41 calls of ls -lR (openat 41). A call that a listener \
answers costs 4.1 µs [3.7, 4.5] more than an allowed one, 168 µs [152, 185] for 41 calls, measured on this machine \
in 30 blocks with namespaces. What the listener itself does comes on top.',
    ]);
  });

  it('has no interval where too few blocks give none', () => {
    expect(
      actionWarnings([{ ...use, added: { ns: 4100, low: null, high: null } }], { ...SOURCE, blocks: 2 })[0],
    ).toContain('costs 4.1 µs more than an allowed one, 168 µs for 41 calls, measured on this machine in 2 blocks');
  });

  it('says what is not measured, and what is not known', () => {
    expect(
      actionWarnings([{ ...use, counted: null, added: null, reason: 'this machine refuses it (EPERM)' }], SOURCE),
    ).toEqual([
      'The profile asks a listener (SCMP_ACT_NOTIFY) for openat, mount; how often a program makes such calls is not \
known without counts. What that costs is not measured here: this machine refuses it (EPERM).',
    ]);
    expect(actionWarnings([{ ...use, counted: { from: 'true', calls: [] } }], SOURCE)[0]).toContain(
      'for calls that true does not make.',
    );
  });

  it('bounds what rules with arguments cost', () => {
    expect(actionWarnings([{ ...use, hasArguments: true, action: 'log' }], SOURCE)).toEqual([
      'The profile writes a log line (SCMP_ACT_LOG) for at most 41 calls of ls -lR (openat 41). A logged call costs \
4.1 µs [3.7, 4.5] more than an allowed one, at most 168 µs [152, 185] for 41 calls, measured on this machine in 30 \
blocks with namespaces.',
    ]);
  });
});
