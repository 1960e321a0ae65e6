import type { JsonNode } from './json.js';
import { mismatch, type Reading } from './reading.js';

/** Reads one element over the slot's earlier value (its zero value where it was never written). */
export type ReadElement<T> = (node: JsonNode, path: string, old: T) => T;

/**
 * A Go slice as encoding/json fills it. A second array under the same key is read over the elements of the first;
 * elements beyond a shorter array return with a longer one. `null` and `[]` drop all elements.
 */
export class Slice<T> {
  private slots: T[] = [];
  private length: number | null = null;

  constructor(
    private readonly zero: () => T,
    private readonly readElement: ReadElement<T>,
  ) {}

  read(node: JsonNode, path: string, reading: Reading): void {
    if (node.kind === 'null') {
      this.slots = [];
      this.length = null;
      return;
    }
    if (node.kind !== 'array') throw mismatch(reading, path, 'an array', node);
    if (node.items.length === 0) this.slots = [];
    for (const [index, item] of node.items.entries()) {
      this.slots[index] = this.readElement(item, `${path}[${index}]`, this.slots[index] ?? this.zero());
    }
    this.length = node.items.length;
  }

  /** The elements; `null` where the array is missing or null. */
  values(): readonly T[] | null {
    return this.length === null ? null : this.slots.slice(0, this.length);
  }
}
