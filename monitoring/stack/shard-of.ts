import { createHash } from 'node:crypto';

/** The shard that `hashmod` of Prometheus gives an address: the last eight bytes of its MD5 sum, modulo the shards. */
export function shardOf(address: string, shards: number): number {
  const lastBytes = createHash('md5').update(address).digest().readBigUInt64BE(8);
  return Number(lastBytes % BigInt(shards));
}
