/** Creates an element with a class, which may be empty, and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  if (className !== '') created.className = className;
  created.append(...children);
  return created;
}

/** Returns an element of page.html. */
export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Sets an element's text if it differs: unchanged text causes no layout and is not announced again. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Makes a select element remember its value in this browser, and calls `apply` now and on each change. Where storage is
 * unavailable (a private window, a policy), the choice lasts for one visit.
 */
export function rememberChoice(select: HTMLSelectElement, apply: (value: string) => void): void {
  const key = `metrics-page-${select.id}`;
  const stored = read(key);
  if ([...select.options].some(({ value }) => value === stored)) select.value = stored!;
  apply(select.value);
  select.addEventListener('change', () => {
    write(key, select.value);
    apply(select.value);
  });
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Not stored: the choice lasts for this visit.
  }
}
