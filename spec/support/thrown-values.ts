/** Values that user code may throw and that have no text, or none that can be read, by what they are. */
export const THROWN_VALUES: readonly (readonly [what: string, value: unknown])[] = [
  ['no prototype', Object.create(null)],
  [
    'toString() throws',
    {
      toString() {
        throw new Error('no');
      },
    },
  ],
  ['toString() gives an object', { toString: () => ({}) }],
  ['toString() gives nothing', { toString: () => '' }],
  ['a revoked Proxy', revoked({})],
  ['a revoked Proxy of a function', revoked(() => 0)],
  ['a Proxy whose traps throw', new Proxy(new Error('x'), throwingHandler())],
  [
    'accessors that throw',
    Object.defineProperties(new Error('x'), {
      message: throwingAccessor(),
      code: throwingAccessor(),
      name: throwingAccessor(),
      toString: throwingAccessor(),
    }),
  ],
  [
    'endless recursion',
    Object.defineProperty(Object.create(null), 'message', {
      get(this: { message: unknown }) {
        return this.message;
      },
    }),
  ],
  ['no text', ''],
  ['blank text', ' \n\t'],
];

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function throwingAccessor(): PropertyDescriptor {
  return {
    get() {
      throw new Error('no');
    },
  };
}

/** A handler each of whose traps throws. */
function throwingHandler(): ProxyHandler<object> {
  return new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
    },
  );
}
