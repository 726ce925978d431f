// A system without /proc, such as macOS or a hardened container.

const fs = process.getBuiltinModule('node:fs');
const isProc = (path) => /^\/(proc|dev\/fd)\b/.test(String(path));
for (const name of ['readFileSync', 'readdirSync', 'statSync', 'openSync']) {
  const original = fs[name];
  fs[name] = (path, ...rest) => {
    if (!isProc(path)) return original(path, ...rest);
    throw Object.assign(new Error(`ENOENT: no such file or directory, ${name} '${path}'`), { code: 'ENOENT' });
  };
}
