import { announce, button, element, textOf } from './dom.js';

/** Buttons that show one arm alone in every chart, and mark its rows in the tables. */
export class ArmChoice {
  readonly #buttons = new Map<string | null, HTMLButtonElement>();
  readonly #arms: readonly string[];
  readonly #show: (arm: string | null) => void;
  #chosen: string | null = null;

  constructor(arms: readonly string[], show: (arm: string | null) => void) {
    this.#arms = arms;
    this.#show = show;
    if (arms.length > 1) this.#makeBar();
  }

  /** Shows an arm alone; again: all arms. */
  choose(arm: string | null): void {
    this.#chosen = arm === this.#chosen ? null : arm;
    const chosen = this.#chosen;
    for (const [own, one] of this.#buttons) one.setAttribute('aria-pressed', String(own === chosen));
    markRows(chosen);
    this.#show(chosen);
    announce(chosen === null ? 'Charts show all arms' : `Charts show ${chosen} alone`);
  }

  #makeBar(): void {
    const bar = element('div', 'arms');
    bar.setAttribute('role', 'group');
    bar.setAttribute('aria-label', 'Arms shown in the charts');
    for (const arm of [null, ...this.#arms]) {
      const one = button(arm ?? 'All arms', () => {
        this.choose(arm === null && this.#chosen === null ? this.#chosen : arm);
      });
      one.setAttribute('aria-pressed', String(arm === null));
      this.#buttons.set(arm, one);
      bar.append(one);
    }
    document.querySelector('main figure')?.closest('section')?.before(bar);
  }
}

function markRows(arm: string | null): void {
  for (const row of document.querySelectorAll<HTMLTableRowElement>('tbody tr')) {
    const [first] = row.cells;
    const name = first === undefined ? '' : textOf(first);
    row.classList.toggle('chosen', arm !== null && (name === arm || name.startsWith(`${arm} / `)));
  }
}
