/** Why this Node cannot run the sources as they are; `false` where it can. Fits the `skip` option of a test. */
export function whyNoTypeScript(): string | false {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isAble = major > 22 ? major > 23 || minor >= 6 : major === 22 && minor >= 18;
  return isAble ? false : `Node ${process.versions.node} does not run TypeScript: 22.18 is the first that does`;
}
