import { ADVICE_OPTIONS } from '../../model/analysis/advice.js';
import { firstFault, isObject, shapeFault, versionFault } from './check-documents.js';
import { expected } from './check-sample.js';

type Document = Readonly<Record<string, unknown>>;

/** What is wrong with advice.json, as `path: expected X, got Y`. */
export function adviceFault(value: unknown): string | undefined {
  const fault =
    versionFault(value) ?? shapeFault('', value, { kind: 'text', profile: 'text', baseline: 'text', options: 'list' });
  if (fault !== undefined) return fault;
  const { kind, options, counts, calls } = value as Document;
  if (kind !== 'advise') return expected('kind', '"advise"', kind);
  if (typeof calls !== 'string' || !/^[^/\0]+$/.test(calls) || calls === '.' || calls === '..')
    return expected('calls', 'the name of a folder', calls);
  return firstFault(options as readonly unknown[], optionFault) ?? countsFault(counts);
}

function optionFault(value: unknown, index: number): string | undefined {
  const path = `options[${index}]`;
  const fault = shapeFault(path, value, { option: 'text' });
  if (fault !== undefined) return fault;
  const { option, arm, reason, checked } = value as Document;
  const known: readonly unknown[] = ADVICE_OPTIONS;
  if (!known.includes(option)) return expected(`${path}.option`, `one of ${ADVICE_OPTIONS.join(', ')}`, option);
  if (checked !== undefined && typeof checked !== 'string') return expected(`${path}.checked`, 'text', checked);
  if (typeof arm === 'string' || typeof reason === 'string') return undefined;
  return expected(path, 'an arm or a reason', value);
}

function countsFault(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (!isObject(value)) return expected('counts', 'an object or null', value);
  const fault = shapeFault('counts', value, { from: 'text', first: 'list', cached: 'list', warnings: 'list' });
  if (fault !== undefined) return fault;
  return (['first', 'cached', 'warnings'] as const)
    .map((name) =>
      firstFault(value[name] as readonly unknown[], (text, index) =>
        typeof text === 'string' ? undefined : expected(`counts.${name}[${index}]`, 'text', text),
      ),
    )
    .find((one) => one !== undefined);
}
