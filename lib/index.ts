// The main entry. Its default export is a namespace and not an object, so that types can be named through it too, as
// prom-client's users do: `import client from '…'`, then `client.Counter<string>`.

import * as main from './main.ts';
import { requiredMain } from './prom-client/required-main.ts';

export * from './main.ts';
export * as default from './main.ts';

/** What `require()` returns: Node looks for this name. Marked as pure, so that bundlers leave it out of programs that import. */
const required = /* @__PURE__ */ requiredMain(main);

export { required as 'module.exports' };
