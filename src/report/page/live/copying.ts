import { announce, button } from './dom.js';

const SHOWN_MS = 1600;

/** A button that copies what `make` gives, and says so for a moment. */
export function copyButton(text: string, make: () => string): HTMLButtonElement {
  const made = button(text, () => {
    void copied(make()).then((done) => {
      const told = done ? 'Copied' : 'Not copied';
      made.textContent = told;
      announce(done ? 'Copied to the clipboard' : 'The browser does not let this page copy');
      setTimeout(() => {
        made.textContent = text;
      }, SHOWN_MS);
    });
  });
  return made;
}

/**
 * Whether the text is in the clipboard now. Pages from plain HTTP have no clipboard interface, only the old command.
 */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

function copiedBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'unseen';
  document.body.append(area);
  area.select();
  // Deprecated, and without a successor where there is no secure context.
  const done = (document as { execCommand(command: string): boolean }).execCommand('copy');
  area.remove();
  return done;
}

/** A button that saves what `make` gives as a file. */
export const saveButton = (text: string, name: string, make: () => string): HTMLButtonElement =>
  button(text, () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([make()], { type: 'text/csv;charset=utf-8' }));
    link.download = name;
    link.click();
    setTimeout(() => {
      URL.revokeObjectURL(link.href);
    }, SHOWN_MS);
  });
