/** Pieces that break careless escaping, splitting, joining and property look-ups. */
const NASTY_PIECES = [
  '"',
  '\\',
  '\n',
  '\\n',
  '\\"',
  '\\\\',
  '\\\n',
  '\0',
  '|',
  ',',
  ':',
  ';',
  '=',
  '{',
  '}',
  '#',
  ' ',
  '\t',
  '\r',
  '\x7f',
  'é',
  'ß',
  '漢',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\uffff',
  '😀',
  '👩‍💻',
  '__proto__',
  'constructor',
  'NaN',
  '+Inf',
  '# EOF',
] as const;

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;

/**
 * A reproducible source of random input for property tests: the same seed gives the same sequence on every machine.
 *
 * A Weyl sequence (a counter with an odd step, so of period 2^32) through the 32-bit finalizer of MurmurHash3. Good
 * enough to reach odd inputs; not for statistics over billions of draws, and not for secrets.
 *
 * @example
 * const random = new SeededRandom(42);
 * const labelValue = random.text(20);
 * const strategy = random.pick(['momentum', 'swing']);
 */
export class SeededRandom {
  #state: number;

  /** @param seed any number; its lowest 32 bits count */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A double in [0, 1) of 53 random bits. */
  next(): number {
    const high = this.#bits() >>> 5;
    const low = this.#bits() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A whole number from 0 to `n` - 1. Throws a RangeError unless `n` is a whole number of 1 or more. */
  int(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new RangeError(`Cannot draw an integer below ${n}: expected a whole number of 1 or more, got ${n}`);
    }
    return Math.floor(this.next() * n);
  }

  /** One of the elements. Throws a RangeError on an empty array. */
  pick<T>(array: readonly T[]): T {
    if (array.length === 0) throw new RangeError('Cannot pick: expected an array of 1 or more elements, got 0');
    return array[this.int(array.length)] as T;
  }

  /**
   * A nasty string of 0 to `maxLength` UTF-16 code units: quotes, backslashes, control characters, separators, emoji,
   * names of `Object.prototype`, between printable ASCII.
   *
   * Well-formed unless `hasLoneSurrogates`: then surrogates stand in it as they fall, and a few may meet in a pair.
   */
  text(maxLength: number, { hasLoneSurrogates = false }: { readonly hasLoneSurrogates?: boolean } = {}): string {
    const length = this.int(maxLength + 1);
    let text = '';
    while (text.length < length) {
      const piece = this.#piece(hasLoneSurrogates);
      text += text.length + piece.length <= length ? piece : this.#printable();
    }
    return text;
  }

  #piece(hasLoneSurrogates: boolean): string {
    if (hasLoneSurrogates && this.int(4) === 0) return String.fromCharCode(FIRST_SURROGATE + this.int(SURROGATES));
    return this.int(3) === 0 ? this.#printable() : this.pick(NASTY_PIECES);
  }

  /** One character from space to tilde. */
  #printable(): string {
    return String.fromCharCode(0x20 + this.int(0x5f));
  }

  /** The next 32 bits, as a signed integer. */
  #bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return bits ^ (bits >>> 16);
  }
}
