import { type PrometheusContentType, register } from './registry.ts';

/**
 * Returns what `require()` gives of the main entry: an object of its names, as of prom-client. Unlike the namespace of a module,
 * tests can replace its members, and a program can assign `contentType`, which sets that of the default registry.
 */
export function requiredMain<M extends object>(main: M): M {
  const required = { ...main };
  return Object.defineProperties(required, {
    contentType: {
      enumerable: true,
      get: () => register.contentType,
      set: (contentType: PrometheusContentType) => register.setContentType(contentType),
    },
    // For modules that a compiler has turned into CommonJS: their `import client from` reads `default` where this mark stands.
    default: { value: required },
    __esModule: { value: true },
  });
}
