import assert from 'node:assert/strict';
import { startScanner } from '../e2e/start-scanner.ts';
import { until } from '../support/until.ts';
import { untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

testInBrowser(
  'the page says that the event loop is blocked while it is, and then for how long it was',
  async ({ tab }, t) => {
    const { url, program } = await startScanner(t, { paceMilliseconds: 250, blockSeconds: 10 });
    await tab.goto(url);
    await untilState(tab, 'Live');
    await tab.selectOption('#interval', '2');
    assert.equal(await tab.evaluate("getComputedStyle(document.getElementById('blocked')).display"), 'none');
    process.kill(program.pid!, 'SIGUSR2');
    const text = await until(
      'the bar',
      async () => {
        const shown = await tab.evaluate<string>("document.getElementById('blocked').innerText");
        return shown.startsWith('Event loop blocked') ? shown : undefined;
      },
      { timeoutSeconds: 60 },
    );
    assert.match(text, /^Event loop blocked for [\d.]+\ss/);
    const isSeen = await tab.evaluate(`(() => {
    const { bottom, height } = document.getElementById('blocked').getBoundingClientRect();
    return height > 0 && bottom <= innerHeight;
  })()`);
    assert.ok(isSeen, 'in the window');
    assert.equal(
      await tab.evaluate("document.querySelector('#blocked-alert').textContent"),
      'The event loop is blocked.',
    );
    await until('the end', async () => (await tab.evaluate("document.getElementById('blocked').hidden")) || undefined, {
      timeoutSeconds: 60,
    });
    assert.match(
      await tab.evaluate<string>("document.getElementById('runtime').innerText"),
      /Longest blocked\s+[\d.]+\ss, \d+ stalls?/,
    );
  },
);
