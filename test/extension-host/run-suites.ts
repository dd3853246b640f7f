/** Mocha as a library inside the extension host; run-in-host.ts reads what it prints. */
import Mocha from 'mocha';

/** @throws Error when a test fails: VS Code then ends the run with a code that says so */
export function runSuites(load: () => void): Promise<void> {
  const grep = process.env['SCRKD_TEST_GREP'] ?? '';
  const mocha = new Mocha({ ui: 'tdd', timeout: 60_000, reporter: Report, ...(grep !== '' && { grep }) });
  mocha.suite.emit('pre-require', globalThis, 'suites', mocha);
  load();
  return new Promise((resolve, reject) => {
    mocha.run((failures) => {
      if (failures === 0) resolve();
      else reject(new Error(`${failures} failed`));
    });
  });
}

class Report extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('pass', (test) => report(test, 'passed'));
    runner.on('pending', (test) => report(test, 'skipped'));
    runner.on('fail', (test, error: unknown) => report(test, 'failed', error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }

  /** Its summary is vitest's business. */
  override epilogue(): void {}
}

function report(test: Mocha.Runnable, outcome: string, error?: string): void {
  console.log(`scrkd-test-result ${JSON.stringify({ title: test.fullTitle(), outcome, error })}`);
}
