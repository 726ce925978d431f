import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import next from 'next';

const folder = fileURLToPath(new URL('../next-app', import.meta.url));
const nextFolder = dirname(fileURLToPath(import.meta.resolve('next/package.json')));
const root = join(nextFolder, '..', '..'); // where it finds node_modules

const FILES = {
  'next.config.mjs': `export default {
    turbopack: { root: ${JSON.stringify(root)} },
    redirects: () => [{ source: '/redirected', destination: '/', permanent: false }],
    rewrites: () => [{ source: '/rewritten/:id', destination: '/pages/:id' }],
  };`,
  'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
  'app/page.js': 'export default () => <p>home</p>;',
  'app/(group)/group/page.js': 'export default () => <p>group</p>;',
  'app/docs/[...slug]/page.js': "export const dynamic = 'force-dynamic'; export default () => <p>docs</p>;",
  'app/things/[id]/page.js': `import { notFound, redirect } from 'next/navigation';
    export const dynamic = 'force-dynamic';
    export default async ({ params }) => {
      const { id } = await params;
      if (id === 'none') notFound();
      if (id === 'away') redirect('/');
      if (id === 'fail') throw new Error('failed');
      return <p>{id}</p>;
    };`,
  'app/api/orders/[id]/route.js': 'export const GET = async (_, { params }) => new Response(`order ${(await params).id}`);',
  'app/api/fail/[id]/route.js': "export const GET = () => { throw new Error('failed'); };",
  'app/api/hang/[id]/route.js': 'export const GET = () => { globalThis.hang(); return new Promise(() => {}); };',
  'pages/pages/[id].js': `export const getServerSideProps = ({ params: { id } }) => {
      if (id === 'fail') throw new Error('failed');
      return id === 'none' ? { notFound: true } : { props: { id } };
    };
    export default ({ id }) => <p>{id}</p>;`,
  'pages/api/pages/[id].js': 'export default (request, response) => response.json(request.query);',
};

/** Builds the application, the first time, and serves it in this process, as a custom server of Next.js does. */
export async function start(hang) {
  globalThis.hang = hang;
  process.env.NEXT_TELEMETRY_DISABLED = '1';
  if (!existsSync(join(folder, '.next', 'BUILD_ID'))) {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const command = [join(nextFolder, 'dist', 'bin', 'next'), 'build'];
    execFileSync(process.execPath, command, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const app = next({ dev: false, dir: folder, quiet: true });
  await app.prepare();
  const server = createServer(app.getRequestHandler());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
