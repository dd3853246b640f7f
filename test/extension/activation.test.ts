/** What the Runs view does when a window opens: nothing, until somebody looks. VS Code is played by the few functions that are called. */
import { expect, test, vi } from 'vitest';
import type { Services } from '../../src/extension/services.ts';

const heard = vi.hoisted(() => ({ visibility: undefined as ((event: { visible: boolean }) => void) | undefined, opened: undefined as ((document: { languageId: string }) => void) | undefined }));
vi.mock('vscode', () => ({
  EventEmitter: class {
    event = (): object => ({ dispose() {} });
    fire(): void {}
    dispose(): void {}
  },
  l10n: { t: (text: string) => text },
  commands: { executeCommand: () => Promise.resolve(), registerCommand: () => ({ dispose() {} }) },
  workspace: { textDocuments: [], onDidOpenTextDocument: (listener: typeof heard.opened) => ((heard.opened = listener), { dispose() {} }) },
  window: {
    createTreeView: () => ({ visible: false, onDidChangeVisibility: (listener: typeof heard.visibility) => ((heard.visibility = listener), { dispose() {} }) }),
    withProgress: (_: object, task: () => Promise<void>) => task(),
  },
}));

async function open(kept: Record<string, unknown> = {}): Promise<{ configs: ReturnType<typeof vi.fn>; ready: ReturnType<typeof vi.fn> }> {
  const { registerRunsView } = await import('../../src/extension/runs/register.ts');
  const listen = (): object => ({ dispose() {} });
  const configs = vi.fn(() => Promise.resolve([]));
  const ready = vi.fn(() => Promise.resolve());
  const host = { state: { get: (key: string) => kept[key], update: () => Promise.resolve() }, track: (disposable: unknown) => disposable };
  const index = { onDidChange: listen, runs: [], watching: { kind: 'watching' }, ready, refresh: ready };
  registerRunsView({ host, index, launches: { onDidChange: listen, pending: [], find: ready }, places: { configs, directories: configs, onDidFind: listen, onDidChange: listen } } as unknown as Services);
  await Promise.resolve();
  return { configs, ready };
}

test('nothing is searched or read before the view is seen', async () => {
  const { configs, ready } = await open();
  expect([configs.mock.calls.length, ready.mock.calls.length]).toEqual([0, 0]);
  heard.visibility?.({ visible: true });
  await expect.poll(() => ready.mock.calls.length).toBe(1);
  expect(configs).toHaveBeenCalledOnce();
});

test('an open config has the window searched, another document does not', async () => {
  const { configs } = await open();
  heard.opened?.({ languageId: 'markdown' });
  expect(configs).not.toHaveBeenCalled();
  heard.opened?.({ languageId: 'scrkd' });
  expect(configs).toHaveBeenCalledOnce();
});

test('runs that were going on when the window was closed are found again at once', async () => {
  const { ready } = await open({ 'scrkd.window': { version: 1, hasConfigs: true, hasActiveRuns: true } });
  await expect.poll(() => ready.mock.calls.length).toBe(1);
});
