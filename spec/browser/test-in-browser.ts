import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { type Browser, type Profile, startBrowser, type Tab, whyNoBrowser } from './driver.ts';

/** A tab and a record of its events. */
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

/** Options for a tab. */
export interface TabOptions {
  readonly width?: number;
  readonly height?: number;
  /** Credentials for HTTP authentication. */
  readonly httpCredentials?: { readonly username: string; readonly password: string };
}

const reason = whyNoBrowser();
const isRequired = process.env['FINPILOT_REQUIRE_BROWSER'] === '1';
let starting: Promise<Browser> | undefined;

after(async () => (await starting)?.close());

// Chromium logs this for every response other than 2xx, and for none. A page cannot prevent it.
const NETWORK_MESSAGE = /^Failed to load resource: /;

/**
 * Declares a test with a new tab in Chromium, which is started once per process. The test also fails if the page logs an
 * error or a warning, or sends a request to another origin.
 *
 * Without the browser or its driver the test is skipped, with the reason on standard error too. With
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
      throw new Error(`Cannot test: ${reason}. Install them with .ci/browser.sh, or unset FINPILOT_REQUIRE_BROWSER.`);
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
      "addEventListener('securitypolicyviolation', (event) => console.error('CSP', event.violatedDirective, event.blockedURI))";
    await tab.addInitScript({ content: onViolation });
    await body({ tab, profile, browser, complaints, origins, paths }, t);
    assert.deepEqual(complaints, []);
    assert.ok(origins.size <= 1, [...origins].join(', '));
  });
}
