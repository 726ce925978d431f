// The main entry. Its default export is a namespace and not an object, so that types can be named through it too, as
// prom-client's users do: `import client from '…'`, then `client.Counter<string>`.

export * from './main.ts';
export * as default from './main.ts';
