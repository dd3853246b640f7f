import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInVSCode, makeScenes, startPackaged, until, type PackagedVSCode } from './support.ts';

const config = `version: 1
experiment: orssd-pspnet
dataset: { root: ./data }
stages:
  teacher: { model: pspnet, resolution: 224 }
  student: { model: pspnet, resolution: 112, distill: { from: techer, method: scrkd } }
training: { batchSize: 2 }
`;
const user = `version: 1
experiment: reuses-it
dataset: { root: ./data }
stages:
  teacher: { use: orssd.scrkd.yaml#teacher }
`;

describeInVSCode('writing a config', (version) => {
  let vscode: PackagedVSCode;
  beforeAll(async () => {
    vscode = await startPackaged({ version, files: { 'orssd.scrkd.yaml': config, 'reuse.scrkd.yaml': user, 'new.scrkd.yaml': 'version: 1\n' }, prepare: makeScenes, size: { width: 1200, height: 760 } });
    await vscode.workbench.openFile('orssd.scrkd.yaml');
  });
  afterAll(async () => vscode[Symbol.asyncDispose]());
  const text = (name: string): string => readFileSync(join(vscode.workspace, name), 'utf8');
  /** Saves the active editor and waits for what is then on disk. */
  const saved = async (name: string, expected: (text: string) => boolean): Promise<void> => {
    await vscode.workbench.page.keyboard.press('Control+S');
    await until(`the new text of ${name} on disk; it is ${JSON.stringify(text(name))}`, () => expected(text(name)));
  };

  test('a wrong name is underlined, and its hover says what it should be', async () => {
    const { workbench } = vscode;
    const squiggle = workbench.page.locator('.squiggly-error').first();
    await squiggle.waitFor();
    await until('the hover', async () => {
      const box = (await squiggle.boundingBox())!;
      await workbench.page.mouse.move(10, 300);
      await workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
      return workbench.page.locator('.monaco-hover', { hasText: 'techer' }).first().waitFor({ timeout: 3000 }).then(() => true, () => false);
    });
    await workbench.screenshot(`finding-${version}`);
    await workbench.page.mouse.move(10, 300);
  });

  test('a quick fix puts it right', async () => {
    const { workbench } = vscode;
    const line = config.split('\n').findIndex((each) => each.includes('techer')) + 1;
    await workbench.goTo(line, config.split('\n')[line - 1]!.indexOf('techer') + 2);
    await workbench.page.keyboard.press('Control+.');
    const fix = workbench.page.locator('.action-widget .monaco-list-row', { hasText: 'teacher' }).first();
    await fix.waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await saved('orssd.scrkd.yaml', (found) => found === config.replace('techer', 'teacher'));
  });

  test('lenses offer to start and to try, hints say what follows', async () => {
    const { page } = vscode.workbench;
    await page.locator('.codelens-decoration a', { hasText: 'Start Distillation' }).first().waitFor();
    expect(await page.locator('.codelens-decoration a', { hasText: /^Start$/ }).count()).toBe(2);
    await page.locator('.view-line', { hasText: '3 steps an epoch' }).first().waitFor();
    await page.locator('.view-line', { hasText: '42.6 M parameters' }).first().waitFor({ timeout: 90_000 }); // after a trace of the network
    await vscode.workbench.screenshot(`config-${version}-dark`);
  });

  test('a stage is renamed in every config that refers to it', async () => {
    const { workbench } = vscode;
    await workbench.goTo(5, 5);
    await workbench.page.keyboard.press('F2');
    const box = workbench.page.locator('.rename-box input');
    await box.waitFor();
    await box.fill('professor');
    await workbench.page.keyboard.press('Enter');
    await until('the new name in the text', async () => (await workbench.page.locator('.view-line', { hasText: 'from: professor' }).count()) > 0);
    await workbench.run('File: Save All Files');
    await until('the new name in both files', () => text('reuse.scrkd.yaml').includes('#professor') && !text('orssd.scrkd.yaml').includes('teacher'));
  });

  test('a completion is accepted by the keyboard, and brings its block along', async () => {
    const { workbench } = vscode;
    await workbench.openFile('new.scrkd.yaml');
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type('exper');
    const first = workbench.page.locator('.suggest-widget .monaco-list-row').first();
    await first.waitFor();
    expect(await workbench.page.locator('.suggest-widget .monaco-list-row', { hasText: /^experiment/ }).count()).toBe(1);
    await workbench.screenshot(`completion-${version}`);
    await workbench.page.keyboard.press('Enter');
    await workbench.page.keyboard.type('mine');
    await workbench.page.keyboard.press('Escape');
    await saved('new.scrkd.yaml', (found) => /^version: 1\nexperiment: mine/.test(found));
  });
});
