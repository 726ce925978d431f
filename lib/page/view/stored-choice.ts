/**
 * Makes a select element remember its value in this browser, and calls `apply` now and at each change. Where nothing can
 * be stored (a private window, blocked by a policy), it begins anew each time.
 */
export function storedChoice(select: HTMLSelectElement, apply: (value: string) => void): void {
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
    // See above: the choice holds for this visit.
  }
}
