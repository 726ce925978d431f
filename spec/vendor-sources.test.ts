import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { whyNoTypeScript } from './support/why-no-typescript.ts';

test('lib/ copied as it is runs without a build', { skip: whyNoTypeScript() }, (t) => {
  const app = temporaryFolder(t);
  cpSync(join(packageRoot(), 'lib'), join(app, 'metrics'), { recursive: true });
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(app, 'app.ts'),
    `import { createFinpilotMetrics } from './metrics/finpilot/index.ts';
    import { Counter, MetricsRegistry } from './metrics/index.ts';
    const registry: MetricsRegistry = new MetricsRegistry();
    createFinpilotMetrics(registry);
    const labelNames = ['side'] as const;
    const counter = new Counter<'side'>({ name: 'orders_total', help: 'Orders.', labelNames, registers: [registry] });
    counter.inc({ side: 'buy' }, 2);
    console.log(/^orders_total.*$/m.exec(await registry.metrics())?.[0]);`,
  );
  const { status, stdout, stderr } = runProgram(process.execPath, ['app.ts'], app);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'orders_total{side="buy"} 2\n');
});
