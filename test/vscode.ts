/** Which versions of VS Code are tested. */
import { vscodeVersions, type VSCodeVersion } from '../scripts/vscode/fetch-server.ts';

/** `npm run test:all` sets it. */
export const testsAll = (process.env['SCRKD_TEST_ALL'] ?? '') !== '';

/** The newest; with all tests also the oldest that is supported. */
export const testedVersions: readonly VSCodeVersion[] = testsAll ? vscodeVersions : vscodeVersions.slice(0, 1);
