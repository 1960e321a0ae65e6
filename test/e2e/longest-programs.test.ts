import { describe, expect, it } from 'vitest';
import { callsOf, Simulator, surveyCalls } from '../../src/filter/index.js';
import { isPlainAllow, LONGEST } from '../unit/filter/longest-programs.js';

describe('surveyCalls', () => {
  it('surveys every call of the longest programs within the budget it has by default', () => {
    for (const instructions of LONGEST) {
      const verdicts = surveyCalls(new Simulator(instructions), ['x86_64']);
      expect(verdicts.length).toBe(callsOf('x86_64').length);
      expect(verdicts.every(isPlainAllow)).toBe(true);
    }
  });
});
