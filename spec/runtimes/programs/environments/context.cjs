// The core in a context that has nothing of Node: no `process`, no `setImmediate`, no `require` of modules of Node.

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');

const folder = join(__dirname, '..', '..', 'node_modules', '@finpilot', 'metrics', 'dist', 'bundle');
const context = vm.createContext({ performance, setTimeout, clearTimeout, queueMicrotask, TextEncoder, TextDecoder });
const loaded = new Map();
const load = (name) => {
  if (!loaded.has(name)) {
    const module = { exports: {} };
    loaded.set(name, module);
    const code = readFileSync(join(folder, name), 'utf8');
    vm.compileFunction(code, ['exports', 'require', 'module'], { parsingContext: context, filename: name })(
      module.exports,
      (path) => load(path.replace('./', '')),
      module,
    );
  }
  return loaded.get(name).exports;
};

async function main() {
  const { Counter, Histogram, PrometheusExporter, register } = load('core.cjs');
  const counter = new Counter({ name: 'a_total', help: 'A.', labelNames: ['id'] });
  for (let id = 0; id < 20_000; id++) counter.inc({ id });
  new Histogram({ name: 'b_seconds', help: 'B.' }).observe(1);
  const text = await register.metrics();
  const openMetrics = await new PrometheusExporter(register).render('application/openmetrics-text;version=1.0.0');
  if (!text.includes('a_total{id="19999"} 1\n') || openMetrics.length < text.length / 2) throw new Error(text.slice(0, 200));
  console.log('works');
}

main();
