import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInVSCode, makeScenes, startPackaged, until, type PackagedVSCode } from './support.ts';

const cascade = `version: 1
experiment: orssd-pspnet
dataset: { root: ./data }
stages:
  teacher:   { model: pspnet, resolution: 448 }
  assistant: { model: pspnet, resolution: 224, distill: { from: teacher, method: scrkd } }
  student:   { model: pspnet, resolution: 112, distill: { from: assistant, method: scrkd, weights: { mvcd: 1, msfd: 1, dsd: 10 } } }
  baseline:  { model: pspnet, resolution: 112 }
training: { epochs: 100, batchSize: 4, seed: 2025 }
`;

describeInVSCode('the stage graph', (version) => {
  let vscode: PackagedVSCode;
  beforeAll(async () => {
    vscode = await startPackaged({ version, files: { 'orssd.scrkd.yaml': cascade }, prepare: makeScenes, size: { width: 1600, height: 1000 } });
  });
  afterAll(async () => vscode[Symbol.asyncDispose]());

  test('shows stages and what is transferred between them, with the shapes of a trace', async () => {
    const { workbench } = vscode;
    await workbench.openFile('orssd.scrkd.yaml');
    await workbench.run('SCRKD: Show Stage Graph');
    const panel = await workbench.webview('scrkd-stage-graph');
    await panel.getByRole('button', { name: /^teacher\W+teacher\W+PSPNet · resnet50\W+448 × 448/ }).waitFor();
    await panel.getByRole('button', { name: /^SCRKD\s+from assistant to student:\s+MVCD 1\s+MSFD 1\s+DSD 10/ }).waitFor();
    // The deepest of five grids of 112 pixels, strides 2 to 32.
    await panel.locator('scrkd-stage-card[data-name="student"] text', { hasText: /^4$/ }).waitFor();
    expect(await panel.locator('scrkd-stage-card[data-name="student"] text').allTextContents()).toEqual(['56', '28', '14', '7', '4']);
  });

  test('follows the cursor, and says feature by feature what a stage learns', async () => {
    const { workbench } = vscode;
    await workbench.goTo(7, 5);
    const panel = await workbench.webview('scrkd-stage-graph');
    await panel.locator('scrkd-stage-details h2', { hasText: 'student' }).waitFor();
    const rows = panel.locator('scrkd-stage-details tbody').nth(1).locator('tr');
    await rows.first().waitFor();
    // MSFD: the teacher's next coarser stage has the student's grid already.
    expect(await rows.first().locator('td').allTextContents()).toEqual(['F²56 × 56 × 256', 'D₃¹56 × 56 × 256', '56 × 56']);
    await workbench.screenshot(`graph-${version}-dark`);
  });

  test('a click goes to the stage in the text, arrows go along the transfers', async () => {
    const { workbench } = vscode;
    const panel = await workbench.webview('scrkd-stage-graph');
    await panel.locator('scrkd-stage-card[data-name="teacher"]').click();
    await workbench.statusBarItem('Ln 5, Col 3').waitFor();
    await panel.locator('scrkd-stage-card[data-name="teacher"] button').focus();
    await workbench.page.keyboard.press('ArrowDown');
    await panel.locator('scrkd-stage-details h2', { hasText: 'assistant' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.statusBarItem('Ln 6, Col 3').waitFor();
  });

  test('takes the colours of the window', async () => {
    const { workbench } = vscode;
    const panel = await workbench.webview('scrkd-stage-graph');
    await workbench.useTheme('light');
    await panel.locator('body.vscode-light').waitFor({ state: 'attached' });
    await workbench.screenshot(`graph-${version}-light`);
    await workbench.useTheme('dark');
  });

  test('is drawn again while the text is written', async () => {
    const { workbench } = vscode;
    const panel = await workbench.webview('scrkd-stage-graph');
    await workbench.goTo(9, 1);
    await workbench.page.keyboard.type('  tiny: { model: pspnet, resolution: 56 }\n');
    await until('the new stage', async () => (await panel.locator('scrkd-stage-card[data-name="tiny"]').count()) === 1);
  });

  test('is there again after a reload, in high contrast as well', async () => {
    const { workbench } = vscode;
    await workbench.reload();
    const panel = await workbench.webview('scrkd-stage-graph');
    // Not before: VS Code shows a theme before it has stored it, and a reload can come between.
    await workbench.useTheme('high-contrast');
    await panel.locator('body.vscode-high-contrast').waitFor({ state: 'attached' });
    await panel.locator('scrkd-stage-card[data-name="teacher"] text').first().waitFor({ timeout: 90_000 });
    await workbench.screenshot(`graph-${version}-high-contrast`);
  });
});
