/** How many bytes stand before the first one that is not valid UTF-8 (Unicode 15, table 3-7). */
export function validLength(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const length = sequenceLength(first);
    if (length === 0) return at;
    if (length > 1 && !isFirstFollower(first, bytes[at + 1])) return at;
    for (let i = 2; i < length; i++) if (!isFollower(bytes[at + i])) return at;
    at += length;
  }
  return at;
}

/** The length of the sequence that a byte begins; 0 if it can begin none. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** Whether a byte may be the second of a sequence: no overlong forms, no surrogates, nothing above U+10FFFF. */
function isFirstFollower(first: number, second: number | undefined): boolean {
  if (second === undefined || !isFollower(second)) return false;
  switch (first) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second < 0xa0;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second < 0x90;
    default:
      return true;
  }
}

function isFollower(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}
