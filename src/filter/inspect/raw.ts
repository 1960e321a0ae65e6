import { BenchError } from '../../errors.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import { INSTRUCTION_BYTES } from './instructions.js';
import { Simulator } from '../simulate/simulate.js';

const OTHER_ORDER = { 'little-endian': 'big-endian', 'big-endian': 'little-endian' } as const;

/** The bytes of a filter and the file they came from. */
export interface NamedFilter {
  readonly name: string;
  readonly filter: Buffer;
}

/**
 * A filter that was built elsewhere, checked as the kernel checks it before it loads one. Throws `input` for one that
 * the kernel would refuse, with the first instruction at fault, and for one in the other byte order.
 */
export function rawFilter({ name, filter }: NamedFilter, order: ByteOrder = 'little-endian'): Simulator {
  try {
    return new Simulator(filter, order);
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const other = OTHER_ORDER[order];
    if (isAcceptable(filter, other))
      throw new BenchError('input', `${name} is a ${other} filter`, { hint: HINTS[other] });
    throw new BenchError(error.code, `${name}: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

const HINTS: Readonly<Record<ByteOrder, string>> = {
  'big-endian': 'Name the machine it is for, such as --arch s390x. No engine here can load it.',
  'little-endian': 'Leave out --arch, or name a little-endian machine.',
};

/** Whether bytes are a filter that a kernel of this byte order would load. */
export function isAcceptable(filter: Buffer, order: ByteOrder): boolean {
  try {
    return filter.length % INSTRUCTION_BYTES === 0 && new Simulator(filter, order).length > 0;
  } catch {
    return false;
  }
}
