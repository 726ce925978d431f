import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../spec/support/files-below.ts';
import type { RealServer } from '../../spec/support/real-server.ts';

/** The size of a Prometheus block on the disk. */
export interface DiskReport {
  readonly series: number;
  readonly samples: number;
  /** Chunks alone: what each further sample costs. */
  readonly chunkBytesPerSample: number;
  /** With the index, which weighs less the longer a block is. */
  readonly bytesPerSample: number;
}

/**
 * Has a Prometheus write what it has in memory into a block, by its snapshot API, and weighs the block's files. The
 * write-ahead log is not counted: it holds the last two to three hours only.
 */
export async function measureDisk({ url, program }: RealServer): Promise<DiskReport> {
  const response = await fetch(`${url}/api/v1/admin/tsdb/snapshot`, {
    method: 'POST',
    signal: AbortSignal.timeout(60_000),
  });
  const { data } = (await response.json()) as { data: { name: string } };
  const folder = join(program.ownFolder!, 'data', 'snapshots', data.name);
  const blocks = readdirSync(folder).map((block) => join(folder, block));
  const total = { series: 0, samples: 0, chunks: 0, bytes: 0 };
  for (const block of blocks) {
    const { stats } = JSON.parse(readFileSync(join(block, 'meta.json'), 'utf8')) as {
      stats: { numSamples: number; numSeries: number };
    };
    total.series += stats.numSeries;
    total.samples += stats.numSamples;
    for (const path of filesBelow(block)) {
      const { size } = statSync(join(block, path));
      total.bytes += size;
      if (path.startsWith('chunks/')) total.chunks += size;
    }
  }
  return {
    series: total.series,
    samples: total.samples,
    chunkBytesPerSample: total.chunks / total.samples,
    bytesPerSample: total.bytes / total.samples,
  };
}
