/**
 * Returns a part of a list that still fails, from which nothing can be left out: neither single elements nor, as far as it
 * has tried, runs of them. `fails` is asked at most `most` times.
 */
export async function shrink<T>(
  list: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  most = 2000,
): Promise<readonly T[]> {
  let shortest = list;
  let asked = 0;
  for (let length = Math.ceil(list.length / 2); length >= 1 && asked < most; ) {
    let isShorter = false;
    for (let from = 0; from < shortest.length && asked < most; ) {
      const part = [...shortest.slice(0, from), ...shortest.slice(from + length)];
      asked++;
      if (await fails(part)) {
        shortest = part;
        isShorter = true;
      } else from += length;
    }
    if (length > 1) length = Math.ceil(length / 2);
    else if (!isShorter) break;
  }
  return shortest;
}
