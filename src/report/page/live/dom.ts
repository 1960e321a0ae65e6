/** A new button that does not submit anything. */
export function button(text: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', act);
  return made;
}

/** A new element with a class. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

let status: HTMLElement | undefined;

/** Has a text read out by a screen reader. */
export function announce(text: string): void {
  if (status === undefined) {
    status = element('div', 'unseen');
    status.setAttribute('role', 'status');
    document.getElementById('report')?.append(status);
  }
  status.textContent = text;
}

/** What a script gives to the reader of an element: its text without the parts that only help reading. */
export const textOf = (node: Element): string => node.textContent.replace(/\s+/g, ' ').trim();
