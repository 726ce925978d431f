/**
 * The client of the stall cases, in a process of its own: downloads the URL in its argument and prints what it saw.
 */
import { get } from 'node:http';

/** When the download ran (milliseconds since the epoch) and what came. */
export interface Download {
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
  readonly lineCount: number;
}

const now = (): number => performance.timeOrigin + performance.now();

const start = now();
get(process.argv[2]!, (response) => {
  let sizeBytes = 0;
  let lineCount = 0;
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lineCount++;
  });
  response.on('end', () => {
    const download: Download = { start, end: now(), sizeBytes, lineCount };
    console.log(JSON.stringify(download));
  });
});
