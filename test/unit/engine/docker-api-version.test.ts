import { describe, expect, it } from 'vitest';
import { apiLimitIn, apiVersionFor } from '../../../src/engine/docker/connection/api-version.js';

describe("the version of Docker's API", () => {
  it('is the newest that the daemon and bench know', () => {
    expect(apiVersionFor({ ApiVersion: '1.41', MinAPIVersion: '1.12' })).toBe('1.41');
    expect(apiVersionFor({ ApiVersion: '1.51', MinAPIVersion: '1.44' })).toBe('1.51');
    expect(apiVersionFor({ ApiVersion: '1.60', MinAPIVersion: '1.44' })).toBe('1.51');
    expect(apiVersionFor({ ApiVersion: '1.9', MinAPIVersion: '1.2' })).toBe('1.9');
  });

  it("is the daemon's oldest where that is newer than all that bench knows", () => {
    expect(apiVersionFor({ ApiVersion: '1.70', MinAPIVersion: '1.60' })).toBe('1.60');
    expect(apiVersionFor({ ApiVersion: '2.1', MinAPIVersion: '2.0' })).toBe('2.0');
  });

  it('stays open where the daemon names none', () => {
    expect(apiVersionFor({})).toBeUndefined();
    expect(apiVersionFor({ ApiVersion: '' })).toBeUndefined();
    expect(apiVersionFor({ ApiVersion: '1.41' })).toBe('1.41');
  });

  it("is read from the daemon's refusal", () => {
    expect(
      apiLimitIn(
        'client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version',
      ),
    ).toBe('1.44');
    expect(apiLimitIn('client version 1.52 is too new. Maximum supported API version is 1.41')).toBe('1.41');
    expect(apiLimitIn('no space left on device')).toBeUndefined();
  });
});
