import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadline } from '../support/deadline.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const parsing = new URL(`../../lib/parse/index.${extension}`, import.meta.url).href;

/** Runs a program with 64 MB for all that lives long; it finds `parseStream`, and prints its result as JSON. */
function runSmall(body: string): unknown {
  const program = `
    const { parseStream } = await import(${JSON.stringify(parsing)});
    const peak = { external: 0 };
    const look = () => (peak.external = Math.max(peak.external, process.memoryUsage().external));
    ${body}`;
  const args = ['--max-old-space-size=64', '--input-type=module', '-e', program];
  const { status, stdout, stderr } = runProgram(process.execPath, args, packageRoot());
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

// Families of 200 series, with a histogram among ten, in chunks that are cut anywhere. The text is made as it is read.
const EXPOSITION = `
    const labels = Array.from({ length: 200 }, (_, i) => \`{method="GET",route="/api/v1/items/\${i}",status="200"}\`);
    const body = labels.map((list, i) => \`NAME\${list} \${i * 12345.5}\\n\`).join('');
    function* text(bytes) {
      for (let i = 0, left = bytes; left > 0; i++) {
        const family = \`# HELP a_rather_long_family_name_\${i} Help.\\n# TYPE a_rather_long_family_name_\${i} gauge\\n\` +
          body.replaceAll('NAME', \`a_rather_long_family_name_\${i}\`);
        left -= family.length;
        yield family;
      }
    }
    function* chunks(bytes) {
      const encoder = new TextEncoder();
      let rest = '';
      for (const family of text(bytes)) {
        rest += family;
        while (rest.length > 65537) {
          yield encoder.encode(rest.slice(0, 65537));
          rest = rest.slice(65537);
        }
      }
      yield encoder.encode(rest);
    }`;

test('parseStream() reads 100 MB in constant memory', { timeout: deadline(60) }, () => {
  const result = runSmall(`${EXPOSITION}
    let families = 0, samples = 0, sum = 0, names = [];
    for await (const family of parseStream(chunks(100e6))) {
      families++;
      samples += family.samples.length;
      sum += family.samples[199].value;
      if (families % 100 === 0) look();
      // What is kept of a family keeps no more than itself alive.
      names.push(family.name);
    }
    console.log(JSON.stringify({ families, samples, isRight: sum === families * 199 * 12345.5, ...peak }));`);
  const { families, samples, isRight, external } = result as Record<string, number>;
  assert.ok(families! > 4000 && samples === 200 * families!, JSON.stringify(result));
  assert.equal(isRight, true);
  assert.ok(external! < 32e6, `${external} bytes outside the heap`);
});

test('parseStream() refuses a line that never ends before it fills the memory', { timeout: deadline(60) }, () => {
  const result = runSmall(`
    let chunks = 0;
    function* endless() {
      yield 'a{b="';
      const chunk = Buffer.alloc(65536, 'x');
      for (; chunks < 100_000; chunks++) {
        look();
        yield chunk;
      }
    }
    let message = '';
    try {
      for await (const _ of parseStream(endless()));
    } catch (error) {
      message = error.message;
    }
    console.log(JSON.stringify({ chunks, message, ...peak }));`);
  const { chunks, message, external } = result as { chunks: number; message: string; external: number };
  assert.equal(
    message,
    'Cannot parse text 0.0.4: expected a line of at most 1048576 bytes, got a longer one at line 1, column 1.',
  );
  assert.ok(chunks <= 16, `${chunks} chunks`);
  assert.ok(external < 32e6, `${external} bytes outside the heap`);
});
