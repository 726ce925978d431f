import type { SeededRandom } from '../../../support/seeded-random.ts';
import { create, type Program } from './program.ts';

export function pushes(random: SeededRandom): Program[] {
  const metrics = [
    create('counter', {}),
    'void m.inc(100)',
    "void (m2 = new client.Gauge({ name: 'own', help: 'O.', registers: [r2] }))",
    "void (m2 = new client.Gauge({ name: 'global', help: 'G.' }))",
  ];
  const answered = '.then(({ resp, body }) => [resp.statusCode, body])';
  const program = (about: string, arguments_: string, ...lines: string[]): Program => ({
    about,
    lines: [
      ...metrics,
      `void (gateway = new client.Pushgateway(${arguments_}))`,
      ...lines.flatMap((line) => [line, 'server.take()']),
    ],
  });
  const each = (parameters: string): string[] =>
    ['pushAdd', 'push', 'delete'].map((method) => `gateway.${method}(${parameters})${answered}`);
  const groupings = [
    "{ key: 'value' }",
    "{ key: 'va&lue' }",
    "{ key: 'é ü' }",
    '{ key: 5 }',
    '{ key: true }',
    "{ b: '1', a: '2' }",
    '{}',
    'undefined',
    'null',
    '{ key: undefined }',
    '{ key: null }',
    "{ key: '' }",
    "{ key: 'a/b' }",
  ];
  return [
    ...[
      '',
      ', null',
      ', undefined',
      ', {}',
      ', {}, r',
      ', null, r',
      ', undefined, r',
      ', r',
      ', {}, null',
      ', {}, r2',
      ', r2',
    ].map((rest) => program('new Pushgateway()', `server.url${rest}`, ...each("{ jobName: 'job' }"))),
    program('new Pushgateway() with a path', "server.url + '/path', {}, r", ...each("{ jobName: 'job' }")),
    program('new Pushgateway() with a path', "server.url + '/path/', {}, r", ...each("{ jobName: 'job' }")),
    program('new Pushgateway() with a slash', "server.url + '/', {}, r", ...each("{ jobName: 'job' }")),
    program(
      'new Pushgateway() with credentials in the URL',
      "server.url.replace('//', '//user:pa%20ss@'), {}, r",
      ...each("{ jobName: 'job' }"),
    ),
    ...[
      "headers: { 'x-own': '1' }",
      "headers: { 'X-Own': 'two' }",
      "auth: 'user:password'",
      'timeout: 5000',
      "headers: { 'Content-Encoding': 'gzip' }",
      'requireJobName: true',
      'agent: false',
      'agent: new (process.getBuiltinModule("node:http").Agent)({ keepAlive: true })',
    ].map((option) =>
      program('the options of a Pushgateway', `server.url, { ${option} }, r`, ...each("{ jobName: 'job' }")),
    ),
    ...groupings.map((grouping) =>
      program('the groupings of a push', 'server.url, {}, r', ...each(`{ jobName: 'job', groupings: ${grouping} }`)),
    ),
    ...["'job'", "'test job'", "'a&b'", "'é'", "'a/b'"].map((job) =>
      program('the job of a push', 'server.url, {}, r', ...each(`{ jobName: ${job} }`)),
    ),
    ...[
      '',
      '{}',
      "{ groupings: { key: 'value' } }",
      "{ jobName: '' }",
      "{ jobName: 'job' }",
      '{ jobName: undefined }',
    ].flatMap((parameters) => [
      program('a push without requireJobName', 'server.url, { requireJobName: false }, r', ...each(parameters)),
      program('a push without a job', 'server.url, {}, r', ...each(parameters)),
    ]),
    ...['tiemout: 5000', "port: '1'"].map((option) =>
      program('an unknown option of a Pushgateway', `server.url, { ${option} }, r`),
    ),
    program(
      'a callback of a push',
      'server.url, {}, r',
      "gateway.push({ jobName: 'job' }, (error, resp, body) => void (child = [error, body])).then(() => child)",
    ),
    program(
      'a push that is refused',
      "server.url + '/refused', {}, r",
      ...each(`{ jobName: '${random.pick(['job', 'task'])}' }`),
    ),
    ...['', 'undefined', 'null', "'localhost'", "'ftp://localhost'", '5'].map((url) =>
      program(
        'new Pushgateway() of an invalid address',
        `${url}${url === '' ? '' : ', {}, r'}`,
        "gateway.pushAdd({ jobName: 'job' }).then(() => 'resolved')",
      ),
    ),
  ];
}
