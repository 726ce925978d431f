import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';

// Each line of must-not-compile/*.ts that ends in `// expects: TSxxxx` must fail with exactly that error, and nothing
// else may fail, must-compile.ts included.

const FOLDER = 'spec/types/must-not-compile';

test('TypeScript refuses wrong labels and arguments, and takes what is right', () => {
  const root = packageRoot();
  const expected = readdirSync(join(root, FOLDER))
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => expectedErrors(`${FOLDER}/${name}`, readFileSync(join(root, FOLDER, name), 'utf8')));
  assert.ok(expected.length > 100);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout, stderr, status } = runProgram(process.execPath, [tsc, '-p', FOLDER, '--pretty', 'false'], root);
  assert.equal(stderr, '');
  assert.notEqual(status, 0);
  assert.deepEqual(reportedErrors(stdout).sort(), expected.sort());
});

/** `file:line TSxxxx` for each line that says what it expects. */
function expectedErrors(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    const code = / \/\/ expects: (TS\d+)$/.exec(line)?.[1];
    return code === undefined ? [] : [`${file}:${i + 1} ${code}`];
  });
}

/** The same of what the compiler reports; lines that go on with a message are indented. */
function reportedErrors(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))
    .map((line) => line.replace(/^(.*)\((\d+),\d+\): error (TS\d+): .*$/, '$1:$2 $3'));
}
