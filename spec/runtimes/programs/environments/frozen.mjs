// Freezes what all code shares, as programs do against tampering: SES, for instance.

for (const name of Object.getOwnPropertyNames(globalThis)) {
  const { value } = Object.getOwnPropertyDescriptor(globalThis, name);
  if (typeof value !== 'function' || !/^[A-Z]/.test(name)) continue;
  if (value.prototype) Object.freeze(value.prototype);
  Object.freeze(value);
}
for (const each of [Math, JSON, Reflect, Object.getPrototypeOf(function* () {}), Object.getPrototypeOf([][Symbol.iterator]())])
  Object.freeze(each);
