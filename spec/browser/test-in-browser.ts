import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { type Browser, type Profile, startBrowser, type Tab, whyNoBrowser } from './driver.ts';

/** A tab with what happened in it. */
export interface WatchedTab {
  readonly tab: Tab;
  readonly profile: Profile;
  readonly browser: Browser;
  /** Errors and warnings of the console, uncaught errors, and violations of the content security policy. */
  readonly complaints: readonly string[];
  /** Origins of all requests. */
  readonly origins: ReadonlySet<string>;
  /** Paths of all requests. */
  readonly paths: readonly string[];
}

/** How a tab is opened. */
export interface TabOptions {
  readonly width?: number;
  readonly height?: number;
  /** Answers to a demand for a user name and a password. */
  readonly httpCredentials?: { readonly username: string; readonly password: string };
}

const reason = whyNoBrowser();
const isRequired = process.env['FINPILOT_REQUIRE_BROWSER'] === '1';
let starting: Promise<Browser> | undefined;

after(async () => (await starting)?.close());

// Chromium says this by itself whenever an answer is no 2xx, or there is none; no page can prevent it.
const NETWORK_MESSAGE = /^Failed to load resource: /;

/**
 * Declares a test with a fresh tab in a real Chromium, of which this file starts one. Whatever the test does, it fails
 * if the page complains or asks another origin than its own.
 *
 * Without the browser or its driver the test is skipped and says why, there and on standard error; with
 * `FINPILOT_REQUIRE_BROWSER=1` it fails instead.
 */
export function testInBrowser(
  claim: string,
  body: (watched: WatchedTab, t: TestContext) => Promise<void>,
  { width = 1280, height = 900, ...options }: TabOptions = {},
): void {
  if (reason !== undefined && !isRequired) {
    console.warn(`NOT TESTED: ${claim}: ${reason}.`);
    test(claim, { skip: reason }, () => undefined);
    return;
  }
  test(claim, async (t) => {
    if (reason !== undefined) {
      throw new Error(`Cannot test: ${reason}. Bring them with .ci/browser.sh, or unset FINPILOT_REQUIRE_BROWSER.`);
    }
    const browser = await (starting ??= startBrowser());
    const profile = await browser.newContext({ viewport: { width, height }, ...options });
    t.after(() => profile.close());
    const tab = await profile.newPage();
    const complaints: string[] = [];
    const origins = new Set<string>();
    const paths: string[] = [];
    tab.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !NETWORK_MESSAGE.test(message.text()))
        complaints.push(message.text());
    });
    tab.on('pageerror', (error) => complaints.push(String(error.stack)));
    tab.on('request', (request) => {
      const { origin, pathname, protocol } = new URL(request.url());
      if (protocol === 'data:') return;
      origins.add(origin);
      paths.push(pathname);
    });
    const onViolation =
      "addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => console.error(`CSP ${violatedDirective} ${blockedURI}`))";
    await tab.addInitScript({ content: onViolation });
    await body({ tab, profile, browser, complaints, origins, paths }, t);
    assert.deepEqual(complaints, []);
    assert.ok(origins.size <= 1, [...origins].join(', '));
  });
}
