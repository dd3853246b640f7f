/** The browser that the workbench is driven in. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** Path of a Chromium on this machine: `SCRKD_CHROMIUM`, or one of the usual places; undefined where there is none. */
export function findChromium(): string | undefined {
  const chosen = process.env['SCRKD_CHROMIUM'];
  return chosen !== undefined && chosen !== '' ? chosen : places.find((path) => existsSync(path));
}

/** Why tests in a browser are left out here; undefined where they run. On a CI machine a missing browser is a failure, not a reason. */
export function missingBrowser(): string | undefined {
  if (findChromium() !== undefined) return undefined;
  const reason = 'no Chromium on this machine (Debian: scripts/ci-prepare; elsewhere set SCRKD_CHROMIUM)';
  if ((process.env['CI'] ?? '') !== '') throw new Error(`Tests in VS Code cannot run: ${reason}.`);
  return reason;
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium on this machine.');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
