import { type Health, readHealth } from '../state/health.ts';

/** Asks `/health` or `/ready`; 503 is an answer too. Undefined when there is no report. Never rejects. */
export async function askHealth(url: string, signal: AbortSignal): Promise<Health> {
  try {
    const response = await fetch(url, { signal });
    return readHealth(await response.text());
  } catch {
    // The scrape beside it says what is wrong with the server.
    return undefined;
  }
}
