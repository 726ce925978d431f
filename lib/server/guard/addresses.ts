import type { BlockList } from 'node:net';
import { describe } from '../../model/names.ts';

/**
 * The client addresses that a server lets in: single addresses and CIDR ranges, IPv4 and IPv6. An IPv4 client has the
 * same address whether its socket shows it as `10.0.0.1` or, on a server that listens for both, as `::ffff:10.0.0.1`.
 */
export class AllowList {
  /** Ranges of IPv4 addresses, also those written in IPv6 notation. */
  readonly #ipv4: BlockList;
  /** Ranges of other IPv6 addresses. Separate, so that `::/0` or `::/64` does not admit IPv4 clients. */
  readonly #ipv6: BlockList;

  /** Throws a TypeError or RangeError unless each of `ranges` is an address or a range such as `10.0.0.0/8`. */
  constructor(ranges: readonly string[]) {
    // Loaded here, not imported: the import would add 0.6 ms to every start, and few servers have this option.
    const { BlockList } = process.getBuiltinModule('node:net');
    this.#ipv4 = new BlockList();
    this.#ipv6 = new BlockList();
    const expected = 'Cannot create a metrics server: expected allow to be an array of addresses and CIDR ranges';
    if (!Array.isArray(ranges)) throw new TypeError(`${expected}, got ${describe(ranges)}.`);
    for (const range of ranges as readonly unknown[]) {
      if (typeof range !== 'string') throw new TypeError(`${expected}, got ${describe(range)} in it.`);
      const [address = '', prefix, ...more] = range.split('/');
      const family = familyOf(address);
      const longest = family === 'ipv4' ? 32 : 128;
      // Decimal without leading zeros: Number('') is 0, so '10.0.0.1/' would admit everybody.
      const length = prefix === undefined ? longest : /^(0|[1-9]\d{0,2})$/.test(prefix) ? Number(prefix) : NaN;
      // An address with an interface (fe80::1%eth0) is rejected: BlockList compares addresses only.
      const isAddress = family !== undefined && !address.includes('%');
      const list = isAddress ? this.#listOf(address, family) : undefined;
      // ::ffff:10.0.0.0/8 would admit everybody: in IPv6 notation, the prefix of 10.0.0.0/8 has 104 bits.
      const shortest = list === this.#ipv4 && family === 'ipv6' ? MAPPED_BITS : 0;
      if (list === undefined || more.length > 0 || !(length >= shortest && length <= longest)) {
        throw new RangeError(`${expected}, got ${describe(range)} in it. Write 10.0.0.0/8, ::1 or the like.`);
      }
      list.addSubnet(address, length, family);
    }
  }

  /** Whether a client with this address may connect. False if the address is unknown. */
  has(address: string | undefined): boolean {
    if (address === undefined) return false;
    // A link-local address includes the interface: fe80::1%eth0.
    const [bare = ''] = address.split('%');
    const family = familyOf(bare);
    return family !== undefined && this.#listOf(bare, family).check(bare, family);
  }

  #listOf(address: string, family: 'ipv4' | 'ipv6'): BlockList {
    return family === 'ipv4' || isIPv4Mapped(address) ? this.#ipv4 : this.#ipv6;
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  switch (process.getBuiltinModule('node:net').isIP(address)) {
    case 4:
      return 'ipv4';
    case 6:
      return 'ipv6';
    default:
      return undefined;
  }
}

/** Length of the prefix that IPv4-mapped addresses share, ::ffff:0:0/96 (RFC 4291, section 2.5.5.2). */
const MAPPED_BITS = 96;

function isIPv4Mapped(address: string): boolean {
  // The URL parser normalizes the address to one spelling.
  return new URL(`http://[${address}]`).hostname.startsWith('[::ffff:');
}

/**
 * Returns the key that identifies a client in limits: its IPv4 address, or the first 64 bits of its IPv6 address,
 * because one host usually controls all addresses of a /64.
 */
export function clientKey(address: string): string {
  const [bare = ''] = address.split('%');
  if (!bare.includes(':') || bare.includes('.')) return bare;
  const [left = '', right] = bare.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':');
}
