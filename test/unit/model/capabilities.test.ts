import { describe, expect, it } from 'vitest';
import { capabilityText, parseCapabilities } from '../../../src/model/profile/capabilities.js';

describe('capabilities', () => {
  it('have three sets with names', () => {
    expect([
      parseCapabilities('docker').length,
      parseCapabilities('none').length,
      parseCapabilities('all').length,
    ]).toEqual([14, 0, 41]);
    expect(parseCapabilities('docker').every((cap) => parseCapabilities('all').includes(cap))).toBe(true);
  });

  it('may be listed', () => {
    expect(parseCapabilities('CAP_SYS_ADMIN, CAP_BPF')).toEqual(['CAP_SYS_ADMIN', 'CAP_BPF']);
  });

  it.each(['', 'CAP_FOO', 'SYS_ADMIN', 'CAP_KILL,', 'Docker'])('%j is refused', (text) => {
    expect(() => parseCapabilities(text)).toThrow(/^"(?:|CAP_FOO|SYS_ADMIN|Docker)" is not a capability/);
  });

  it.each(['docker', 'none', 'all', 'CAP_SYS_ADMIN,CAP_BPF'])('%s has the same text again', (text) => {
    expect(capabilityText(parseCapabilities(text))).toBe(text);
  });

  it('are the same set in any order', () => {
    expect(capabilityText([...parseCapabilities('docker')].reverse())).toBe('docker');
    expect(capabilityText(parseCapabilities('docker').slice(1))).toBe(parseCapabilities('docker').slice(1).join(','));
  });
});
