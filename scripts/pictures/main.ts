/**
 * The inspector's pictures in README.md and docs/: `npm run build && node scripts/run.mjs scripts/pictures/main.ts [FOLDER] [--sample NAME] [--only TAB]
 * [--out FOLDER]`. Trains `pictures.scrkd.yaml` on generated scenes in FOLDER (`demo/pictures`) where that is not done yet, opens the built
 * panel on it in headless Chromium, and writes each view in a dark and a light theme, and the figures that it exports.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { networksOf } from '../../src/extension/inspector/arms.ts';
import { InspectedRun } from '../../src/extension/inspector/inspected-run.ts';
import { Answers } from '../../src/inspector/answers.ts';
import { inspectorTabs, type InspectorAnswer, type InspectorQuestion, type InspectorTab } from '../../src/protocol/inspector.ts';
import { listRuns } from '../../src/runs/list-runs.ts';
import { playInspector, type PlayedInspector } from '../../test/webview/inspector/played-host.ts';
import { Stand } from '../../test/webview/stand/stand.ts';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { sample: { type: 'string' }, only: { type: 'string' }, out: { type: 'string', default: 'docs/images' } } });
const folder = resolve(positionals[0] ?? 'demo/pictures');
const config = 'pictures.scrkd.yaml';
const themes = ['dark', 'light'] as const;
/** Where there is something to see in each view: many small objects, and one that its surroundings tell apart. */
const samples: Readonly<Record<InspectorTab, string>> = { correlation: 'test-0001', features: 'test-0021', logits: 'test-0021', saliency: 'test-0021' };
/** In CSS pixels: so wide that letters can still be read where a page shows the picture 830 pixels wide. */
const size = { width: 1240, height: 800 };

train();
const runs = (await listRuns(join(folder, 'runs'))).filter((run) => 'manifest' in run);
const student = runs.find(({ manifest }) => manifest.stage === 'student')!;
const run = await InspectedRun.open(student.folder.path);
const answers = new Answers(networksOf(run.comparison), 2 * 1024 ** 3);
let asked = 0;

async function answer(question: InspectorQuestion): Promise<InspectorAnswer> {
  const answered = await answers.answer(++asked, question, 'sample' in question ? await run.sample(question.sample) : undefined);
  if (answered === undefined) throw new Error('cancelled');
  return answered;
}

const stand = await Stand.start();
try {
  for (const theme of themes) {
    const played = await playInspector(stand, student.folder.path, { ...size, theme, scale: 1.5 }, answer);
    for (const tab of inspectorTabs) if (options.only === undefined || options.only === tab) await picture(played, tab, theme);
    await played.panel.close();
  }
} finally {
  await stand.close();
}

/** Stage by stage, what is trained already is taken as it is. */
function train(): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join('scripts/pictures', config), join(folder, config));
  const scrkd = (...args: string[]): void => {
    const { status } = spawnSync(process.execPath, [resolve('dist/cli.js'), ...args], { cwd: folder, stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  };
  if (!existsSync(join(folder, 'data/train.txt'))) scrkd('dataset', 'synth', 'data', '--train', '96', '--test', '40', '--size', '288', '--seed', '5');
  scrkd('run', config);
}

async function picture({ panel, answerAll }: PlayedInspector, tab: InspectorTab, theme: (typeof themes)[number]): Promise<void> {
  const { page } = panel;
  await page.click(`#tab-${tab}`);
  await page.locator(`scrkd-strip [role=option][aria-label^="${options.sample ?? samples[tab]}"]`).click();
  await answerAll();
  await page.mouse.move(0, 0);
  await panel.settle();
  await sharp(await page.screenshot()).png({ palette: true, colours: 256, effort: 10 }).toFile(join(options.out, `inspector-${tab}-${theme}.png`));
  if (theme !== 'light') return;
  const before = panel.received.length;
  await page.keyboard.press('x');
  await answerAll();
  await panel.receive((message) => message.type === 'save' && panel.received.indexOf(message) >= before);
  const saved = panel.received.slice(before).find((message) => message.type === 'save')!;
  const png = saved.files.find(({ suffix }) => suffix === 'png')!;
  await sharp(new Uint8Array(png.bytes)).png({ palette: true, colours: 256, effort: 10 }).withMetadata({ density: 300 }).toFile(join(options.out, `figure-${tab}.png`));
  writeFileSync(join(folder, `figure-${tab}.pdf`), new Uint8Array(saved.files.find(({ suffix }) => suffix === 'pdf')!.bytes));
}
