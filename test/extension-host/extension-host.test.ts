/** The tests inside a real extension host: each test of `suites/` is one here, once for each version of VS Code. */
import { describe, expect, test } from 'vitest';
import { missingBrowser } from '../../scripts/vscode/browser.ts';
import { testedVersions } from '../vscode.ts';
import { runInHost } from './run-in-host.ts';

const missing = missingBrowser();

for (const version of testedVersions) {
  // All suites in one window, before the tests are listed: starting VS Code costs more than most tests.
  const results = missing === undefined ? await runInHost(version) : [];
  describe(`in the extension host of VS Code ${version}`, () => {
    test.skipIf(missing !== undefined)(`tests ran${missing === undefined ? '' : ` - ${missing}`}`, () => {
      expect(results.length).toBeGreaterThan(0);
    });
    for (const { title, outcome, error } of results) {
      test.skipIf(outcome === 'skipped')(title, () => {
        if (outcome === 'failed') throw new Error(error);
      });
    }
  });
}
