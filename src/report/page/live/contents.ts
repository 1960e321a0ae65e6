/** Wide enough for the table of contents next to the report. */
const WIDE = window.matchMedia('(min-width: 1100px)');

/** Opens the table of contents where it has room, opens what a link leads to, and marks the section that is read. */
export function enhanceContents(): void {
  const contents = document.querySelector<HTMLDetailsElement>('#contents');
  if (contents !== null) {
    const fit = (): void => {
      contents.open = WIDE.matches;
    };
    fit();
    WIDE.addEventListener('change', fit);
    contents.addEventListener('click', ({ target }) => {
      if (!WIDE.matches && target instanceof HTMLAnchorElement) contents.open = false;
    });
    markRead(contents);
  }
  openTarget();
  window.addEventListener('hashchange', openTarget);
}

function openTarget(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement && !target.open) {
    target.open = true;
    target.scrollIntoView();
  }
}

/** The last heading that went past the top of the screen is of the section that is read. */
function markRead(contents: HTMLElement): void {
  contents.closest('.contents')?.classList.add('live');
  const links = [...contents.querySelectorAll('a')];
  const linked = links.flatMap((link) => {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    return target === null ? [] : [{ link, target }];
  });
  let waiting = false;
  const mark = (): void => {
    waiting = false;
    const past = linked.filter(({ target }) => target.getBoundingClientRect().top < window.innerHeight / 3);
    const current = past.at(-1)?.link;
    for (const link of links)
      if (link === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
  };
  const soon = (): void => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  };
  window.addEventListener('scroll', soon, { passive: true });
  soon();
}
