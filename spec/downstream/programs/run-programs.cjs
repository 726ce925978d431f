'use strict';

// Runs generated programs on one library: `node run-programs.cjs MODULE < PROGRAMS`. PROGRAMS is a JSON array of programs, each an
// array of lines of JavaScript; MODULE is the name of the library. Prints, as JSON, the outcome of each line of each program: the value
// that it returned or resolved to, or the error that it threw or rejected with.
//
// The lines of a program share the names of PREAMBLE.

const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const client = require(process.argv[2]);

const PREAMBLE = `
  const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
  const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  const r = new client.Registry(), r2 = new client.Registry();
  let m, m2, child, end, labels, json, merged, gateway;
`;
const GLOBALS = ['client', 'line', 'timeless', 'server'];
// Compiled from text, since that is what a program is.
const AsyncFunction = (async () => undefined).constructor;

/** Requests that a gateway has seen; it answers those below /refused with status 400. */
const seen = [];
const server = {
  url: '',
  take: () => seen.splice(0),
};

async function run() {
  const gateway = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { method, url, headers } = request;
      const { 'x-own': own, authorization, 'content-encoding': encoding } = headers;
      const body = Buffer.concat(parts);
      seen.push({ method, url, own, authorization, encoding, body: encoding === undefined ? body.toString() : body.length > 0 });
      response.statusCode = url.startsWith('/refused') ? 400 : 202;
      response.end('answer');
    });
  });
  await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  server.url = `http://127.0.0.1:${gateway.address().port}`;
  const results = [];
  for (const lines of JSON.parse(readFileSync(0, 'utf8'))) results.push(await runLines(lines));
  process.stdout.write(JSON.stringify(results), () => process.exit());
}

async function runLines(lines) {
  const outcomes = [];
  const line = async (begin) => {
    let isAsync = false;
    try {
      const result = begin();
      isAsync = typeof result?.then === 'function';
      outcomes.push({ is: isAsync ? 'resolved' : 'returned', value: shown(await result) });
    } catch (error) {
      const { name = 'no Error', message = String(error) } = error ?? {};
      outcomes.push({ is: isAsync ? 'rejected' : 'threw', name, message: message.replaceAll(server.url, 'URL') });
    }
  };
  const body = lines.map((text) => `await line(() => (${text}));`).join('\n');
  client.register.clear();
  await new AsyncFunction(...GLOBALS, PREAMBLE + body)(client, line, timeless, server);
  return outcomes;
}

/** A text in which numbers that are times are replaced, since they are never twice the same. */
function timeless(text) {
  return JSON.parse(
    JSON.stringify(text, (_, value) => (typeof value === 'number' ? Number(withoutTimes(String(value))) : value)).replace(
      /"(?:[^"\\]|\\.)*"/g,
      withoutTimes,
    ),
  );
}

/** Times since 1970 become 1, and durations, which are no whole numbers, become 0. */
function withoutTimes(text) {
  return text.replace(/(?<![\w.="])(?:1[5-9]\d{8}(?:\.\d+)?|\d+\.\d{4,}(?:e-\d+)?|\d+(?:\.\d+)?e-\d+)(?![\w.])/g, (number) =>
    Number(number) > 1e9 ? '1' : '0',
  );
}

/** A value as JSON can have it. The order of fields stays; a field that is undefined is as good as none, as in JSON. */
function shown(value) {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : `<${value}>`;
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return `<${typeof value}>`;
  if (typeof value !== 'object' || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `<a ${prototype.constructor?.name}>`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, shown(field)]));
}

run();
