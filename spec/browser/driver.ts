import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../support/package-root.ts';

// The part of playwright-core that these specs use. It is installed in .ci/browser, where the compiler does not find it.

/** A tab. */
export interface Tab {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  waitForEvent(event: 'download'): Promise<{ path(): Promise<string>; suggestedFilename(): string }>;
  /** Evaluates an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  addInitScript(script: { readonly content: string }): Promise<unknown>;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  selectOption(selector: string, value: string): Promise<unknown>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  emulateMedia(media: { readonly colorScheme?: 'light' | 'dark'; readonly media?: 'screen' | 'print' }): Promise<void>;
  screenshot(options: { readonly path?: string }): Promise<Buffer>;
  readonly keyboard: { press(key: string): Promise<void> };
  readonly mouse: { wheel(x: number, y: number): Promise<void> };
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'request', listener: (request: { url(): string }) => void): void;
}

/** Separate cookies, storage and permissions. */
export interface Profile {
  newPage(): Promise<Tab>;
  waitForEvent(event: 'page'): Promise<Tab>;
  newCDPSession(tab: Tab): Promise<{ send(method: string): Promise<unknown> }>;
  close(): Promise<void>;
}

/** A running browser. */
export interface Browser {
  newContext(options: {
    readonly viewport: { readonly width: number; readonly height: number };
    readonly deviceScaleFactor?: number;
    readonly httpCredentials?: { readonly username: string; readonly password: string };
  }): Promise<Profile>;
  startTracing(tab: Tab, options: { readonly categories: readonly string[] }): Promise<void>;
  /** Resolves to the trace, as JSON. */
  stopTracing(): Promise<Buffer>;
  close(): Promise<void>;
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const driver = join(packageRoot(), '.ci', 'browser', 'node_modules', 'playwright-core', 'index.mjs');

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'chromium')).find((path) => existsSync(path));
}

/** Why there is no browser to test with; undefined if there is one. */
export function whyNoBrowser(): string | undefined {
  if (findChromium() === undefined) return 'expected the program chromium in $PATH, got none';
  return existsSync(driver) ? undefined : 'expected playwright-core in .ci/browser/node_modules, got none';
}

/** Starts a headless Chromium with a temporary profile. */
export async function startBrowser(): Promise<Browser> {
  const { chromium } = (await import(pathToFileURL(driver).href)) as {
    chromium: { launch(options: object): Promise<Browser> };
  };
  return chromium.launch({ executablePath: findChromium(), headless: true, args: ARGUMENTS });
}
