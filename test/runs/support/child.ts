import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { afterAll, onTestFinished } from 'vitest';

/** Bundles `test/runs/children/<name>.ts` for plain Node; returns the file. To be called at the top of a test file: it is removed after the last test. */
export function bundleChild(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'scrkd-child-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755); // a test may run it as another user
  const outfile = join(folder, `${name}.mjs`);
  buildSync({
    entryPoints: [join(import.meta.dirname, '..', 'children', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // Some packages are CommonJS and require Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

export interface Child {
  process: ChildProcess;
  /** The next line of its standard output; undefined when it has ended. */
  line(): Promise<string | undefined>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits until it ends by itself. */
  ended(): Promise<void>;
}

/** Starts a bundled child; it is killed when the test ends. */
export function startChild(file: string, options: { arguments: string[]; uid?: number }): Child {
  const { uid } = options;
  const child = spawn(process.execPath, [file, ...options.arguments], { stdio: ['pipe', 'pipe', 'inherit'], ...(uid === undefined ? {} : { uid }) });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  onTestFinished(kill);
  return {
    process: child,
    line: async () => {
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    kill,
    ended: async () => {
      await exit;
    },
  };
}
