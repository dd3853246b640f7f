// Runs bench/NAME.ts: `node bench/run.mjs step --python PYTHON`.
const entries = {
  step: 'bench/step.ts',
  metrics: 'bench/metrics.ts',
  activation: 'bench/activation.ts',
  extension: 'bench/extension.ts',
  language: 'bench/language.ts',
  // What runs in a panel's page has the page's types.
  inspector: 'bench/webview/inspector.ts',
  dashboard: 'bench/webview/dashboard.ts',
};
const entry = entries[process.argv[2]];
if (entry === undefined) {
  console.error(`Say which: node bench/run.mjs ${Object.keys(entries).join('|')} [options]`);
  process.exit(2);
}
process.argv[2] = entry;
await import('../scripts/run.mjs');
