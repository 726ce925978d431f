import assert from 'node:assert/strict';
import { test } from 'node:test';
import { landingPage } from '../../lib/server/landing-page.ts';
import { ask } from './ask.ts';
import { servePlainly } from './plain-server.ts';

test('landingPage links the paths of the server, relative to its own', async (t) => {
  const { url } = await servePlainly(t, landingPage);
  const { status, headers, body } = await ask(url);
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.deepEqual(
    [...body.matchAll(/<a href="([^"]*)">/g)].map(([, href]) => href),
    ['metrics', 'health', 'ready'],
  );
});

test('landingPage is self-contained, without script, and light or dark as the reader has it', async (t) => {
  const { url } = await servePlainly(t, landingPage);
  const { body } = await ask(url);
  assert.match(body, /^<!doctype html>\n<html lang="en">/);
  assert.match(body, /color-scheme: light dark/);
  assert.doesNotMatch(body, /<script|<img|@import|url\(|https?:| on\w+=/i);
});
