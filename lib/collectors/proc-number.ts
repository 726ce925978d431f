/**
 * Returns the number on the line of `text` that starts with `key`, as `/proc/self/status` and `/proc/self/limits` have
 * it: `Infinity` for `unlimited`, `undefined` if there is no such line or no text. Of several numbers, the first.
 */
export function procNumber(text: string | undefined, key: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(key));
  const number = line?.slice(key.length).match(/^\s*(\d+|unlimited)\b/)?.[1];
  return number === undefined ? undefined : number === 'unlimited' ? Infinity : Number(number);
}
