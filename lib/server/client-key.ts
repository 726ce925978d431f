/**
 * Returns what stands for a client in limits: its address, of IPv6 the first 64 bits, since whoever has one such address
 * has all that share them.
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
