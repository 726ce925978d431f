// Joins the modules of lib into the few files of a vendored copy: `await amalgamate(root, ['core'])`.
//
// One file per entry, one for what several of them share, and one for each part that is loaded on demand. The files are
// the TypeScript sources without their types: comments, names and blank lines stay. A file reads from the top: each
// module stands below a heading with its path, after the modules that it uses, and the rooms of lib follow one another
// as data flows through them. Nothing here lists modules, so sources can move freely within their rooms.
//
// ts-blank-space removes the types, rollup joins the modules, Biome formats the result. All three are pinned.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ENTRIES } from './entries.mjs';
import { install } from './install.mjs';

const LINE_LENGTH = 120;
/** A heading or a declaration at the top level of a file. */
const DECLARATION = /^\/\/ ---- lib\/(\S+)\.ts -+$|^(?:async )?(?:function\*?|class|const|let) ([\w$]+)/gm;
/** The rooms of lib in reading order; the others follow by name. Names that lib lacks do no harm. */
const ROOMS = ['model', 'metrics', 'instruments', 'registry', 'exposition', 'server', 'collectors'];
/** The file of a module that is loaded on demand, by a pattern of its path. Other such modules stay with their importer. */
const LOADED_ON_DEMAND = [
  ['exposition', /^(exposition|registry|model)\//],
  ['server', /^server\//],
];
/** The module with the page, which is as long as the server: in a file of its own. */
const PAGE = /\/embedded\.ts$/;
/** Characters of comments beyond Latin-1, in others. */
const IN_WORDS = { '…': '...', γ: 'gamma', '→': '->', '≤': '<=', '≥': '>=', '−': '-', '–': '-', '“': '"', '”': '"' };
/** What a file holds, for its first line. */
const CONTENTS = {
  index: 'the main entry: the core, the server, default metrics, and the additional API of prom-client',
  core: 'the entry of the core: instruments, registry and exporter, which need no Node',
  finpilot: 'the entry with the metrics of FinPilot',
  parse: 'the entry that parses expositions',
  push: 'the entry that pushes metrics to a Pushgateway',
  testing: 'the entry for tests: reads and lints metrics',
  summary: 'the entry with the summary',
  aggregate: 'the entry that aggregates the metrics of workers and threads',
  textfile: 'the entry that writes metrics to a file for node_exporter',
  statsd: 'the entry that receives and sends StatsD',
  otlp: 'the entry that pushes metrics by OTLP',
  'remote-write': 'the entry that pushes metrics by remote write',
  graphite: 'the entry that pushes metrics to Graphite',
  cloudwatch: 'the entry that writes metrics for CloudWatch',
  http: 'the entry that measures HTTP requests',
  native: 'the entry of native histograms',
  service: 'the entry that says which service and which trace metrics belong to',
  thread: 'the entry of the metrics thread, which serves while the event loop is blocked',
  'thread-worker': 'the program of the metrics thread',
  cli: 'the command of the package',
  shared: 'code that several of these files use',
  'shared-node': 'code that several of these files use, but not the core',
  'shared-other': 'code that several of these files use, but neither the core nor the main entry',
  exposition: 'all that a scrape needs, loaded by the first one: collectors, formats',
  page: 'the live page as text, which comes with the server',
  server: 'a server that listens, with TLS, passwords and tokens; loaded when one starts',
};

/**
 * Returns the text of each file by its name, such as `core.js`, for some of the entries in entries.mjs. The main entry
 * comes with the command of the package, `cli.js`. Not formatted yet: see {@link format}.
 */
export async function amalgamate(root, entries) {
  const lib = join(root, 'lib');
  const tools = await loadTools(root);
  const sources = new Map();
  // These entries have a server.
  const page = entries.includes('index') || entries.includes('thread') ? await readPage(tools, lib) : undefined;
  const read = (path) => {
    if (!sources.has(path)) sources.set(path, readSource(tools, lib, path, page));
    return sources.get(path);
  };
  const plan = planFiles(entries, read);
  const joined = await joinModules(tools, plan, read);
  const clear = withClearExports(joined);
  return new Map([...clear].map(([name, code]) => [name, inOneByte(tools, withHeader(name, withClearNames(code)))]));
}

/**
 * Writes the characters that need two bytes in memory as escapes in strings, and in words in comments: one of them would make V8
 * hold the whole file in twice the memory, and take a fifth longer to compile it.
 */
function inOneByte({ ts }, code) {
  const tree = parse(ts, 'file.js', code);
  const ranges = [];
  const visit = (node) => {
    if (ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node)) ranges.push([node.getStart(), node.getEnd()]);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  let text = '';
  let end = 0;
  for (const [start, next] of ranges) {
    text += code.slice(end, start).replace(/[^\0-\xff]/g, (character) => IN_WORDS[character] ?? character);
    text += code
      .slice(start, next)
      .replace(/[^\0-\xff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
    end = next;
  }
  return text + code.slice(end).replace(/[^\0-\xff]/g, (character) => IN_WORDS[character] ?? character);
}

/** A module of lib without its types, below its heading, with the paths that it imports. */
function readSource({ ts, blankSpace }, lib, path, page) {
  const isPage = PAGE.test(path);
  const text = isPage ? pageModule(page) : readFileSync(join(lib, path), 'utf8').replace(/^#!.*\n/, '');
  const tree = parse(ts, path, text);
  const staticImports = tree.statements
    .filter(({ moduleSpecifier }) => moduleSpecifier?.text.startsWith('.'))
    .filter((statement) => !isTypesOnly(ts, statement))
    .map(({ moduleSpecifier }) => join(dirname(path), moduleSpecifier.text));
  const dynamicImports = [];
  const visit = (node) => {
    const [argument] =
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : [];
    if (argument?.text?.startsWith('.')) dynamicImports.push(join(dirname(path), argument.text));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  const withoutTypes = blankSpace(removed(text, commentedTypes(ts, tree)), (node) => {
    throw new Error(`Cannot remove the types of ${path}: expected erasable syntax, got ${node.getText()}`);
  });
  return { code: withHeading(ts, path, withoutAliases(withoutTypes)), staticImports, dynamicImports };
}

function parse(ts, path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Whether an import or export consists of types. */
function isTypesOnly(ts, statement) {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const { name, isTypeOnly, namedBindings } = statement.importClause ?? {};
  if (isTypeOnly) return true;
  return name === undefined && (namedBindings?.elements?.every((element) => element.isTypeOnly) ?? false);
}

/**
 * The ranges of what has comments and consists of types: with the type goes its comment, which would seem to describe what
 * follows. Only the signatures of overloads leave theirs, to the implementation.
 */
function commentedTypes(ts, tree) {
  const { text } = tree;
  const ranges = [];
  const visit = (node) => {
    const isAbstract = node.modifiers?.some(
      ({ kind }) => kind === ts.SyntaxKind.AbstractKeyword || kind === ts.SyntaxKind.DeclareKeyword,
    );
    const isMember = ts.isClassElement(node) && !ts.isConstructorDeclaration(node);
    const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || (isMember && isAbstract);
    const isSignature =
      (ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isConstructorDeclaration(node)) &&
      node.body === undefined;
    if (isType) {
      const comments = ts.getLeadingCommentRanges(text, node.pos) ?? [];
      const attached = comments.filter(
        ({ end }) => !/\n\s*\n/.test(text.slice(end, node.getStart()).replace(/\/\*[^]*?\*\//g, '')),
      );
      ranges.push([attached[0]?.pos ?? node.getStart(), node.getEnd()]);
    } else if (isSignature) {
      ranges.push([node.getStart(), node.getEnd() + /^\s*/.exec(text.slice(node.getEnd()))[0].length]);
    } else ts.forEachChild(node, visit);
  };
  visit(tree);
  for (const { index, 0: comment } of text.matchAll(/^ *\/\/ (?:@ts-expect-error|biome-ignore).*\n/gm))
    ranges.push([index, index + comment.length]);
  return ranges;
}

function removed(text, ranges) {
  let rest = text;
  for (const [start, end] of ranges.toSorted(([a], [b]) => b - a)) rest = rest.slice(0, start) + rest.slice(end);
  return rest;
}

/**
 * Removes the second name that a class has for the sake of its type, as in `const TypedCounter = Counter`, and moves its
 * comment to the class.
 */
function withoutAliases(code) {
  const [, comment = '', alias, name] =
    /^(\/\*\*(?:(?!\*\/)[^])*?\*\/\n)?const (Typed(\w+))\s*= \3\b.*;\n/m.exec(code) ?? [];
  if (alias === undefined) return code;
  return code
    .replace(/^(\/\*\*(?:(?!\*\/)[^])*?\*\/\n)?const Typed(\w+)\s*= \2\b.*;\n/m, '')
    .replace(new RegExp(`^class ${name}\\b`, 'm'), (start) => comment + start)
    .replace(`${alias} as ${name}`, name)
    .replaceAll(new RegExp(`\\b${alias}\\b`, 'g'), name);
}

/** Puts imports and exports last: rollup removes them with the comment above, which belongs to the module. */
function withHeading(ts, path, code) {
  const tree = parse(ts, path, code);
  const moved = tree.statements.filter(
    (statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement),
  );
  const ranges = moved.map((statement) => [statement.getStart(), statement.getEnd()]);
  const rest = removed(code, ranges).trim();
  const isEmpty = rest.replace(/[;\s]/g, '') === '';
  return [isEmpty ? '' : `${heading(path)}\n\n${rest}\n`, ...moved.map((statement) => statement.getText())].join('\n');
}

function heading(path) {
  return `// ---- lib/${path} `.padEnd(LINE_LENGTH, '-');
}

/** The file of each module: `{ roots, fileOf, order }`. */
function planFiles(entries, read) {
  const roots = new Map(entries.map((name) => [ENTRIES[name].replace(/^lib\//, ''), name]));
  if (entries.includes('index')) roots.set('cli/index.ts', 'cli');
  if (entries.includes('thread')) roots.set('thread/thread-worker.ts', 'thread-worker');
  // An entry that another one imports keeps its own file, so that there is one of each class.
  const all = new Map(Object.entries(ENTRIES).map(([name, source]) => [source.replace(/^lib\//, ''), name]));
  const importers = new Map();
  for (const [path] of roots) {
    for (const target of read(path).staticImports) if (all.has(target)) roots.set(target, all.get(target));
  }
  const pending = new Set(roots.keys());
  // A Set also visits what is added meanwhile.
  for (const path of pending) {
    const { staticImports, dynamicImports } = read(path);
    for (const target of staticImports) {
      if (all.has(target) && target !== 'core.ts') roots.set(target, all.get(target));
      pending.add(target);
    }
    for (const target of dynamicImports) {
      importers.set(target, path);
      if (all.has(target)) roots.set(target, all.get(target));
      pending.add(target);
    }
  }
  const users = new Map([...pending].map((path) => [path, new Set()]));
  const spread = (start, file) => {
    const reached = new Set([start]);
    for (const path of reached) {
      if (path !== start && roots.has(path)) continue;
      users.get(path).add(file);
      for (const target of read(path).staticImports) reached.add(target);
    }
  };
  for (const [path, file] of roots) spread(path, file === 'core' ? 'shared' : file);
  const hasCore = [...roots.values()].includes('core');
  /** What comes with an import of the main entry, through other entries too. */
  const ofMain = new Set(entries.includes('index') ? [ENTRIES.index.replace(/^lib\//, '')] : []);
  for (const path of ofMain) for (const target of read(path).staticImports) ofMain.add(target);
  const fileOf = (path) => {
    if (roots.has(path)) return roots.get(path);
    const files = users.get(path);
    if (files.size > 0 && PAGE.test(path)) return 'page';
    if (files.size === 1) return [...files][0];
    // A program loads little that it does not need: the core what a scrape needs, the main entry what others share.
    if (files.size > 1 && files.has('exposition') && !files.has('shared') && !ofMain.has(path)) return 'exposition';
    if (files.size > 1 && (files.has('shared') || files.has('exposition') || !hasCore)) return 'shared';
    if (files.size > 1) return ofMain.has(path) || !entries.includes('index') ? 'shared-node' : 'shared-other';
    return undefined;
  };
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (const [target, importer] of importers) {
      if (roots.has(target)) continue;
      // Without a file of its own, it goes to that of its importer.
      const [file] = LOADED_ON_DEMAND.find(([, pattern]) => pattern.test(target)) ?? [fileOf(importer)];
      if (file === undefined || users.get(target).has(file)) continue;
      spread(target, file);
      isDone = false;
    }
  }
  return { roots, fileOf, importers, order: [...pending].sort(byRoom) };
}

function byRoom(a, b) {
  const rank = (path) => {
    const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined;
    if (room === undefined) return ROOMS.length + 1;
    const index = ROOMS.indexOf(room);
    return index === -1 ? ROOMS.length : index;
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** Joins the modules of each file with rollup. */
async function joinModules({ rollup }, { roots, fileOf, importers, order }, read) {
  const onDemand = Map.groupBy
    ? Map.groupBy(importers.keys(), fileOf)
    : [...importers.keys()].reduce((groups, path) => {
        groups.set(fileOf(path), [...(groups.get(fileOf(path)) ?? []), path]);
        return groups;
      }, new Map());
  const files = new Map([...roots].map(([path, file]) => [file, [path]]));
  files.set('shared', []);
  const isEntry = (file) => [...roots.values()].includes(file);
  for (const [file, paths] of onDemand) {
    // What an entry loads from itself is none of its public names.
    if (!isEntry(file)) files.set(file, [...(files.get(file) ?? []), ...paths]);
  }
  /** The code of a module, with `import()` of files in place of modules. */
  const withFiles = (id, code) => {
    const namespaces = [];
    const adapted = code.replace(/\bimport\(\s*'(\.[^']+)'\s*\)/g, (_, specifier) => {
      const path = join(dirname(id), specifier);
      if (roots.has(path) || fileOf(path) !== fileOf(id) || !isEntry(fileOf(path)))
        return `import('./${fileOf(path)}.js')`;
      const name = clearName('module', '', basename(path, '.ts'));
      namespaces.push(`import * as ${name} from ${JSON.stringify(specifier)};`);
      return `Promise.resolve(${name})`;
    });
    return `${adapted}\n${namespaces.join('\n')}`;
  };
  const modulesOf = (file) => files.get(file);
  // Rollup takes entries in the order of their names; this one is to come first.
  const inOrder = '\0!order';
  const bundle = await rollup({
    input: { order: inOrder, ...Object.fromEntries([...files.keys()].map((file) => [file, `\0${file}`])) },
    treeshake: false,
    preserveEntrySignatures: 'allow-extension',
    external: /^node:/,
    onwarn(warning) {
      throw new Error(`Cannot join the modules: ${warning.message}`);
    },
    plugins: [
      {
        name: 'lib',
        resolveId(id, importer) {
          if (id.startsWith('\0')) return id;
          if (id.startsWith('node:')) return { id, external: true };
          return importer.startsWith('\0') ? id : join(dirname(importer), id);
        },
        resolveDynamicImport(specifier) {
          return typeof specifier === 'string' && specifier.startsWith('.')
            ? { id: specifier, external: 'relative' }
            : null;
        },
        load(id) {
          if (id === inOrder) return order.map((path) => `import ${JSON.stringify(path)};`).join('\n');
          if (id.startsWith('\0')) {
            const paths = modulesOf(id.slice(1));
            const hasDefault = paths.some(
              (path) => roots.has(path) && /export default|as default/.test(read(path).code),
            );
            const named = paths.map((path) => `export * from ${JSON.stringify(path)};`);
            if (hasDefault)
              named.push(`export { default } from ${JSON.stringify(paths.find((path) => roots.has(path)))};`);
            return named.join('\n');
          }
          return withFiles(id, read(id).code);
        },
      },
    ],
  });
  const { output } = await bundle.generate({
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    manualChunks: (id) => (id === inOrder ? 'order' : id.startsWith('\0') ? id.slice(1) : fileOf(id)),
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    externalLiveBindings: false,
    generatedCode: 'es2015',
  });
  await bundle.close();
  return new Map(
    output
      .filter(({ fileName }) => fileName !== 'order.js')
      // What has no names to import need not be imported: no module does anything but declare.
      .map(({ fileName, code }) => [fileName, code.replace(/^import '.+';\n/gm, '')]),
  );
}

/** Imports by the names that {@link withClearNames} gives the exports of the other files. */
function withClearExports(files) {
  const renames = new Map([...files].map(([file, code]) => [file, clearNamesOf(code)]));
  const clearExport = (name, file) => renames.get(file).reduce((now, [from, to]) => (now === from ? to : now), name);
  const withImports = (code) =>
    code.replace(/^import \{([^}]+)\} from '\.\/(.+?)';$/gm, (line, names, file) => {
      const clear = names.replace(/([\w$]+)( as [\w$]+)?/g, (one, name, as = ` as ${name}`) => {
        const exported = clearExport(name, file);
        return exported === name ? one : exported + as;
      });
      return line.replace(names, () => clear);
    });
  return new Map([...files].map(([file, code]) => [file, withImports(code)]));
}

/**
 * Where two modules have a private name in common, rollup calls one `name$1`; this calls it `nameInModule`. It does the
 * same with what a file imports: `nameFromFile`.
 */
function withClearNames(code) {
  let clear = code;
  const rename = (from, to) => {
    clear = clear.replace(new RegExp(`(?<![\\w$])${escaped(from)}(?![\\w$])`, 'g'), to);
  };
  for (const [, names, file] of code.matchAll(/^import \{([^}]+)\} from '(?:\.\/|node:)(.+?)(?:\.js)?';$/gm))
    for (const [taken] of names.matchAll(/[\w$]+\$\d+/g)) rename(taken, clearName(taken, 'from', file));
  for (const [from, to] of clearNamesOf(code)) rename(from, to);
  return clear;
}

/** What to call the declared names of a file instead, one after the other. */
function clearNamesOf(code) {
  const renames = [];
  const moduleOf = new Map();
  let module;
  for (const [, path, name] of code.matchAll(DECLARATION)) {
    if (path === undefined) moduleOf.set(name, module);
    else module = path;
  }
  const isNamesake = (name, module) => clearName('', '', basename(module)).toLowerCase() === name.toLowerCase();
  const inModule = (name, module) =>
    clearName(name, 'in', isNamesake(name, module) ? dirname(module) : basename(module));
  for (const [taken, module] of moduleOf) {
    const name = taken.replace(/\$\d+$/, '');
    if (name === taken) continue;
    // A module that is named after the function keeps the name.
    const other = moduleOf.get(name);
    const isSwapped = other !== undefined && isNamesake(name, module) && !isNamesake(name, other);
    if (isSwapped) renames.push([name, inModule(name, other)]);
    renames.push([taken, isSwapped ? name : inModule(name, module)]);
  }
  return renames;
}

function clearName(taken, preposition, source) {
  const name = taken.replace(/\$\d+$/, '');
  const words = [preposition, ...source.split(/[^A-Za-z\d]+/)].filter((word) => word !== '');
  if (/^[A-Z_\d]+$/.test(name)) return [name, ...words].join('_').toUpperCase();
  return name + words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

function escaped(name) {
  return name.replaceAll('$', '\\$');
}

function withHeader(fileName, code) {
  const name = basename(fileName, '.js');
  const modules = [...code.matchAll(/^\/\/ ---- lib\/(\S+)\.ts -+$/gm)].map(([, path]) => path);
  const shebang = name === 'cli' ? '#!/usr/bin/env node\n' : '';
  const contents =
    modules.length > 1
      ? `//\n// Modules, each below its heading and after those that it uses:\n${wrapped(modules)}`
      : '';
  return `${shebang}// @finpilot/metrics: ${CONTENTS[name]}.\n//\n// Generated from lib/ by \`npm run vendor\`.\n${contents}\n${code}`;
}

/** The modules of each room in lines of a comment. */
function wrapped(modules) {
  const rooms = new Map();
  for (const path of modules) {
    const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : 'lib';
    rooms.set(room, [...(rooms.get(room) ?? []), basename(path)]);
  }
  let text = '';
  for (const [room, names] of rooms) {
    let line = `//   ${room}:`;
    for (const name of names) {
      if (`${line} ${name},`.length > LINE_LENGTH) {
        text += `${line}\n`;
        line = '//    ';
      }
      line += ` ${name}${name === names.at(-1) ? '' : ','}`;
    }
    text += `${line}\n`;
  }
  return text;
}

/** The parts of the page as text, its program joined from the modules of lib/page. */
async function readPage(tools, lib) {
  const bundle = await tools.rollup({
    input: 'page/main.ts',
    plugins: [
      {
        name: 'page',
        resolveId: (id, importer) => (importer === undefined ? id : join(dirname(importer), id)),
        load: (id) => readSource(tools, lib, id).code,
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  const readText = (path) => readFileSync(join(lib, 'page', path), 'utf8');
  const style = readText('page.css').replace(/@import ['"]\.\/(.+?)['"];/g, (_, path) => readText(path).trim());
  return { html: readText('page.html'), script: inOneByte(tools, withClearNames(output[0].code)), style };
}

/** The page as text in place of the compressed copy in lib. */
function pageModule({ html, script, style }) {
  const literal = (text) => `\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``;
  return `const HTML = ${literal(html)};

const STYLE = ${literal(style)};

/** The page's program, made from lib/page. Backticks and backslashes are escaped, since it is a string. */
const SCRIPT = ${literal(script)};

/** Returns the files of the page at \`/\`, compressed by gzip, in base64. */
export function embeddedPage() {
  const { gzipSync } = process.getBuiltinModule('node:zlib');
  const compressed = (text) => gzipSync(text, { level: 9 }).toString('base64');
  return { html: compressed(HTML), script: compressed(SCRIPT), style: compressed(STYLE) };
}
`;
}

/** Formats the files with Biome, in a folder of their own: the settings of the checkout exclude what it does not track. */
export function format(root, files) {
  const biome = join(root, '.ci', 'biome');
  install(biome);
  const folder = mkdtempSync(join(tmpdir(), 'finpilot-metrics-vendor-'));
  try {
    writeFileSync(
      join(folder, 'biome.json'),
      JSON.stringify({
        formatter: { indentStyle: 'space', indentWidth: 2, lineWidth: LINE_LENGTH, lineEnding: 'lf' },
        javascript: { formatter: { quoteStyle: 'single' } },
        files: { maxSize: 4_000_000 },
      }),
    );
    for (const [name, code] of files) writeFileSync(join(folder, name), code);
    const program = join(biome, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const args = [program, 'format', '--write', '--colors=off', '.'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`Cannot format the vendored files: ${stderr}`);
    return new Map([...files.keys()].sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loadTools(root) {
  const bundle = join(root, '.ci', 'bundle');
  install(bundle);
  const { resolve: find } = createRequire(join(bundle, 'package.json'));
  const load = (path) => import(pathToFileURL(path).href);
  const { default: ts } = await load(find('typescript'));
  const { rollup } = await load(join(bundle, 'node_modules', 'rollup', 'dist', 'es', 'rollup.js'));
  const { default: blankSpace } = await load(join(bundle, 'node_modules', 'ts-blank-space', 'out', 'index.js'));
  return { ts, rollup, blankSpace };
}
