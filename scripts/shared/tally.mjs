/** Counts checks and tells each in one line, as it is made; of many, only those that fail. */
export class Tally {
  #write;
  #tellsAll;
  passed = 0;
  failed = 0;
  skipped = 0;

  /** @param {(text: string) => void} write */
  constructor(write, { onlyFailures = false } = {}) {
    this.#write = write;
    this.#tellsAll = !onlyFailures;
  }

  /** A sentence that must be true; `seen` is what was found, told where it is not, or where it is worth telling. */
  check(sentence, holds, seen = '') {
    if (holds) this.passed += 1;
    else this.failed += 1;
    if (holds && !this.#tellsAll) return;
    this.#write(`${holds ? 'ok' : 'FAILED'}: ${sentence}${seen === '' ? '' : ` (${seen})`}\n`);
  }

  skip(sentence, reason) {
    this.skipped += 1;
    this.#write(`skipped: ${sentence}: ${reason}\n`);
  }

  /** Words that belong to the check before them. */
  note(text) {
    if (text !== '') this.#write(`${text}\n`);
  }

  /** The last line; the exit code is 0 only where nothing failed. */
  end() {
    this.#write(`\n${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped\n`);
    return this.failed === 0 ? 0 : 1;
  }
}
