import { describe, expect, it } from 'vitest';
import { renderTerminalSummary } from '../../../src/report/index.js';
import { SEQUENTIAL } from './fixtures.js';

const summary = (columns: number | null, dots?: 'unicode' | 'ascii'): readonly string[] =>
  renderTerminalSummary(SEQUENTIAL, {
    columns,
    colour: false,
    reportPath: null,
    ...(dots === undefined ? {} : { dots }),
  }).split('\n');
const changes = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => /^(?:after|control) +(?:CPU|wall) /.test(line));

describe('the change as dots behind its numbers', () => {
  it('has every row on one scale with the line of no change, as wide as the terminal', () => {
    expect(changes(summary(80, 'unicode'))).toMatchInlineSnapshot(`
      [
        "after    CPU   −42.1 % [−42.9, −41.3]  faster  ├●                             ┊",
        "after    wall  −35.4 % [−36.8, −34.0]  faster      ├●┤                        ┊",
        "control  CPU   +0.1 % [−0.3, +0.5]     A/A ok                                 ●┤",
        "control  wall  −0.4 % [−1.9, +1.1]     A/A ok                                ├●┤",
      ]
    `);
  });

  it('is drawn in ASCII where the locale knows no more', () => {
    expect(changes(summary(80, 'ascii')).join('\n')).toMatch(/^[\u0020-\u007e\u2212\n]+$/);
  });

  it('is left out where there is no room, and in a pipe', () => {
    expect(summary(60, 'unicode')).toEqual(summary(60));
    expect(summary(null)).toEqual(summary(null, 'unicode'));
  });
});
