/** Sets an element's text, if it is another: what stays is neither laid out again nor read out again. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
