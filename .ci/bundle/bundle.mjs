// Bundles the compiled entries into dist/bundle, which package.json exports: `await bundle(root)`, after the compiler.
//
// Node takes 20 ms to load the files of the core one by one, and 3 ms to load two. So each entry is one file, and what
// several of them need is in another: read once, with one default registry, whichever entries a program uses. What loads
// later, by `import()`, is in files named after what they do. A rule decides which module is in which file (`fileOfModules`).
//
// Everything is written twice: ES modules (.js) for Node and bundlers, and CommonJS (.cjs), whose lazy parts use `require()`,
// for tools such as Jest, whose sandbox refuses `import()`. What an entry exports as 'module.exports' is what `require()`
// returns, of both. The names of functions and classes stay, and lines end after 120 characters:
// people meet both in stack traces. Comments, indentation and the names of variables and constants stay in the repository: they
// would cost each process that serves metrics 220 KB, which V8 keeps beside the code (`npm run bench -- --only endpoint`).
// Statements are shortened too, which takes 60 KB from the package and makes no update or scrape slower.

import { chmodSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { rollup } from 'rollup';
import { parseAst } from 'rollup/parseAst';
import { minify } from 'terser';
import { ENTRIES } from '../entries.mjs';

const CLI = 'lib/cli/index.ts';
/** The program of a metrics thread, which `thread` starts. Nobody imports it. */
const THREAD_WORKER = 'lib/thread/thread-worker.ts';
/** Bytes of a line after which it ends where it may. An uncaught error prints the line that threw. */
const LINE_LIMIT = 120;
const NAMES = { keep_classnames: true, keep_fnames: true };
/** What is loaded together is in one file: each costs a process 20 KB of memory and 0.3 ms. By modules that load later. */
const TOGETHER = {
  scraping: ['gathering', 'exposition-writer'],
  protobuf: ['encode-protobuf'],
  server: ['open-server', 'scrape-handler'],
  auth: ['authenticator'],
  tls: ['tls-server'],
  delivery: ['deliver', 'send-request'],
};

/**
 * Where a part goes that two files of those that load later need. Neither may import it from the other: after a failure to
 * read a file, Node 20 refuses that file forever to whatever imports it, and only `loadModule()` can help itself. Nor may one
 * import it from `main`: esbuild and Vite would keep both in a program that uses nothing of them, since they need each other.
 */
const COMMON_PARTS = {
  scraping: 'output',
  server: 'exchange',
  main: 'exchange',
  aggregate: 'reporter',
  thread: 'heartbeat',
  statsd: 'bridges',
  push: 'exchange',
  otlp: 'http-bridges',
  'native-part': 'native-merge',
};

export async function bundle(root) {
  const compiled = (source) => resolve(root, 'dist', source.replace(/\.ts$/, '.js'));
  const folder = join(root, 'dist', 'bundle');
  const sources = { ...ENTRIES, 'thread-worker': THREAD_WORKER };
  const input = Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, compiled(source)]));
  const treeshake = { moduleSideEffects: (id) => id === input['thread-worker'] };
  const library = await rollup({ input, external: /^node:/, onLog, treeshake, plugins: [plainImports] });
  for (const [format, extension] of [
    ['es', 'js'],
    ['cjs', 'cjs'],
  ]) {
    await library.write({
      dir: folder,
      format,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name].${extension}`,
      manualChunks: fileOfModules(input),
      minifyInternalExports: false,
      hoistTransitiveImports: false,
      generatedCode: { preset: 'es2015', symbols: false },
      exports: 'named',
      interop: 'default',
      dynamicImportInCjs: false,
      outro: ({ exports }) =>
        format === 'cjs' && exports.includes('module.exports') ? "module.exports = exports['module.exports'];" : '',
      plugins: format === 'cjs' ? [noSecondAttempt, addressOfFile, printed] : [printed],
    });
  }
  await library.close();
  // By itself: what it shared with the entries would be one more file for these to load. It measures the core as it is there.
  const core = compiled(ENTRIES.core);
  const command = await rollup({ input: compiled(CLI), external: [/^node:/, core], onLog });
  const file = join(folder, 'cli.js');
  const paths = { [core]: './core.js' };
  await command.write({ file, format: 'es', paths, inlineDynamicImports: true, plugins: [printed] });
  await command.close();
  chmodSync(file, 0o755);
}

/**
 * Which file holds a module, as rollup's `manualChunks` wants it. What the core loads at once is in `shared`. The others take
 * turns, the main entry last, so that no entry loads it: each takes what it loads at once, then what that loads later.
 */
function fileOfModules(input) {
  let files;
  return (id, { getModuleInfo }) => {
    files ??= plan(input, getModuleInfo);
    return files.get(id);
  };
}

function plan({ core, index, thread, 'thread-worker': worker, ...others }, getModuleInfo) {
  const names = new Map(Object.entries(others).map(([name, id]) => [id, name]));
  const files = new Map();
  const take = (start, name) => {
    const taken = closure([start], (id) => getModuleInfo(id).importedIds).filter((id) => !files.has(id));
    for (const id of taken) files.set(id, name);
    const later = taken
      .flatMap((id) => getModuleInfo(id).dynamicallyImportedIds)
      .filter((id) => !id.startsWith('node:'));
    for (const id of later) take(id, names.get(id) ?? nameOfLater(id));
  };
  take(core, 'shared');
  for (const [name, id] of Object.entries(others)) take(id, name);
  take(index, 'main');
  // Behind it, though no entry loads it: what both have of the server goes where the server finds it.
  take(thread, 'thread');
  take(worker, 'thread-worker');
  for (const [id, file] of [...files].filter(([, file]) => file !== 'main')) {
    for (const to of getModuleInfo(id).importedIds) {
      const from = files.get(to);
      const home = COMMON_PARTS[from];
      if (home === undefined || from === file || from === home) continue;
      if (file === 'main' && from === 'push') continue; // the main entry loads all of it
      // It starts a server of the main entry, which loads what listens: in one file with what that needs of others, both would
      // be in every program.
      if (file.startsWith('thread') && from === 'main') continue;
      for (const part of closure([to], (id) => getModuleInfo(id).importedIds))
        if (files.get(part) === from) files.set(part, home);
    }
  }
  files.set(core, 'core');
  files.set(index, 'index');
  return files;
}

function nameOfLater(id) {
  const module = basename(id, '.js');
  return Object.entries(TOGETHER).find(([, modules]) => modules.includes(module))?.[0] ?? module;
}

/** All that `start` reaches by `next`, itself included. Node's modules are left out. */
function closure(start, next) {
  const reached = new Set(start);
  // A Set also visits what is added meanwhile.
  for (const id of reached) for (const to of next(id)) if (!to.startsWith('node:')) reached.add(to);
  return [...reached];
}

/**
 * Removes the compiler's helper from `import()` of a computed address. It would rewrite a relative path that ends with `.ts`,
 * which `loadModule()` never imports, and would be 180 bytes of the core, gzipped.
 */
const plainImports = {
  name: 'plain-imports',
  transform: (code) =>
    code
      .replace(/^var __rewriteRelativeImportExtension = .*?^};\n/ms, '')
      .replaceAll('__rewriteRelativeImportExtension(', '('),
};

/** `loadModule()` makes a second attempt under another address. `require()` needs none, for it does not cache failures. */
const noSecondAttempt = {
  name: 'no-second-attempt',
  renderDynamicImport: ({ targetModuleId }) =>
    targetModuleId === null ? { left: 'Promise.reject(', right: ')' } : undefined,
};

/** The address of a CommonJS file. Rollup's own text for it asks for a `document` first, which the sandboxes of tests have. */
const addressOfFile = {
  name: 'address-of-file',
  resolveImportMeta: (property) => (property === 'url' ? 'require("node:url").pathToFileURL(__filename).href' : null),
};

/**
 * Writes a file without comments, blanks and the names of variables, in short lines. What bundlers read in comments
 * stays: which calls they may leave out, and which `import()` they shall leave alone. Characters beyond ASCII are escaped:
 * with a single one, V8 would store the whole file with two bytes for each character.
 */
const printed = {
  name: 'printed',
  renderChunk: async (code) => {
    const { code: short } = await minify(code, {
      parse: { module: true },
      // Functions stay functions, with their names: V8 inlines what is hot, and a stack trace has a line for each. What
      // `evaluate` would join are the parts of messages, to lines that are too long.
      compress: { module: true, ecma: 2020, passes: 2, inline: 0, reduce_funcs: false, evaluate: false, ...NAMES },
      mangle: { toplevel: true, ...NAMES },
      format: { comments: /webpackIgnore|@vite-ignore/, max_line_len: LINE_LIMIT, preserve_annotations: true },
    });
    return inShortLines(short.replace(/[^\0-\x7f]/g, escaped));
  },
};

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The parts of a statement or an expression before which a line may end. */
const PARTS = [
  ...[
    'body',
    'properties',
    'elements',
    'declarations',
    'expressions',
    'consequent',
    'specifiers',
    'arguments',
    'right',
  ],
  'alternate',
];

/** Breaks lines before statements and their parts: terser ends a line only after some of them. */
function inShortLines(code) {
  const starts = [];
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) for (const each of node) visit(each);
    else if (typeof node.type === 'string') {
      const parts = PARTS.flatMap((part) => node[part]);
      starts.push(...parts.filter((each) => typeof each?.start === 'number').map(({ start }) => start));
      for (const value of Object.values(node)) visit(value);
    }
  };
  visit(parseAst(code));
  const places = new Set(starts);
  let lineStart = 0;
  let place = 0; // the last place to break this line
  let text = '';
  for (let at = 0; at < code.length; at++) {
    if (places.has(at)) place = at;
    if (code[at] === '\n') {
      text += code.slice(lineStart, at + 1);
      lineStart = place = at + 1;
    } else if (at - lineStart >= LINE_LIMIT && place > lineStart) {
      text += `${code.slice(lineStart, place)}\n`;
      lineStart = place;
    }
  }
  return text + code.slice(lineStart);
}

function onLog(level, log) {
  if (level === 'warn') throw new Error(`Cannot bundle: ${log.message}`);
}
