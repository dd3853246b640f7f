import { availableParallelism, freemem, totalmem } from 'node:os';
import * as l10n from '@vscode/l10n';
import { mul, tidy } from '@tensorflow/tfjs-core';
import { messageOf } from '../../base/errors.ts';
import { cacheDirectory } from '../../runs/device-queue.ts';
import { EngineError } from '../../engine/errors.ts';
import { hasWebGpu } from '../../engine/webgpu.ts';
import { installedIn, isInstalled } from '../../engine/tensorflow/installation.ts';
import { deviation, measureEngine, type EngineMeasurement } from '../../training/compare-engines.ts';
import { engineFor, type EngineWish } from '../../training/engine.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { textTable } from '../table.ts';
import { versions } from '../version.ts';

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** `scrkd doctor`: whether everything that training needs works under this Node, each with what was found. With `compare`, also one small step on every engine. */
export async function doctor({ json, compare }: { readonly json?: boolean; readonly compare?: boolean }): Promise<ExitCode> {
  const chosen = await tried('engine', async () => (await engineFor({})).choice);
  const findings: Finding[] = [
    { name: 'scrkd', ok: true, detail: versions['scrkd'] ?? '' },
    { name: 'node', ok: true, detail: `${process.version} ${process.platform}-${process.arch}` },
    { name: 'machine', ok: true, detail: l10n.t('{0} threads, {1} GiB of {2} GiB memory free', availableParallelism(), gib(freemem()), gib(totalmem())) },
    { name: 'cache', ok: true, detail: cacheDirectory() },
    await tried('onnxruntime', checkEngine),
    chosen,
    await tried('sharp', checkSharp),
  ];
  const comparison = compare ? await compareEngines() : undefined;
  if (json) process.stdout.write(`${JSON.stringify(comparison ? { findings, engines: comparison } : findings)}\n`);
  else for (const { name, ok, detail } of findings) process.stdout.write(`${ok ? '✓' : '✗'} ${name.padEnd(12)} ${detail}\n`);
  if (comparison && !json) process.stdout.write(`\n${comparisonText(comparison, chosen.detail)}`);
  return findings.every(({ ok }) => ok) && !comparison?.some((engine) => 'problem' in engine) ? exitCodes.ok : exitCodes.failed;
}

type Compared = { readonly engine: string } & (EngineMeasurement | { readonly absent: string } | { readonly problem: string });

/** The same small step on every engine, each alone: onnxruntime first, the others are held against it. */
async function compareEngines(): Promise<Compared[]> {
  const wishes: { readonly name: string; readonly wish: EngineWish; readonly absent: () => Promise<string | undefined> | string | undefined }[] = [
    { name: 'onnxruntime, cpu', wish: { engine: 'onnxruntime', device: 'cpu' }, absent: () => undefined },
    { name: 'tensorflow, cpu', wish: { engine: 'tensorflow', device: 'cpu' }, absent: () => (isInstalled(installedIn(cacheDirectory())) ? undefined : l10n.t('not installed: scrkd engine install')) },
    { name: 'onnxruntime, webgpu', wish: { engine: 'onnxruntime', device: 'webgpu' }, absent: async () => ((await hasWebGpu()) ? undefined : l10n.t('no GPU that WebGPU can use')) },
  ];
  const compared: Compared[] = [];
  for (const { name, wish, absent } of wishes) {
    process.stderr.write(l10n.t('One small step on {0} …\n', name));
    const why = await absent();
    try {
      compared.push(why === undefined ? { engine: name, ...(await measureEngine((await engineFor(wish)).engine)) } : { engine: name, absent: why });
    } catch (error) {
      const hasNoGpu = error instanceof EngineError && error.reason === 'no-gpu';
      compared.push(hasNoGpu ? { engine: name, absent: error.message } : { engine: name, problem: messageOf(error) });
    }
  }
  return compared;
}

function comparisonText(compared: readonly Compared[], choice: string): string {
  const measured = compared.filter((row): row is Extract<Compared, EngineMeasurement> => 'steps' in row);
  const others = compared.flatMap((row) => ('absent' in row ? [`${row.engine}: ${row.absent}`] : 'problem' in row ? [`✗ ${row.engine}: ${row.problem}`] : []));
  const [reference] = measured;
  if (reference === undefined) return `${others.join('\n')}\n`;
  const terms = Object.keys(reference.steps[0]!);
  const rows = measured.map((row) => [
    row.engine,
    row.milliseconds.toFixed(0),
    (row.compileMilliseconds / 1000).toFixed(1),
    ...terms.map((term) => row.steps[0]![term]!.toPrecision(7)),
    ...[1, reference.steps.length].map((count) => (row === reference ? '–' : deviation(reference, row, count).toExponential(1))),
  ]);
  const table = textTable([l10n.t('engine'), l10n.t('ms a step'), l10n.t('s to prepare'), ...terms, l10n.t('largest difference in the first step'), l10n.t('in {0} steps', reference.steps.length)], rows);
  const fastest = measured.reduce((best, row) => (row.milliseconds < best.milliseconds ? row : best));
  return [table, ...others, l10n.t('Fastest here: {0}. `engine: auto` takes {1}', fastest.engine, choice), ''].join('\n');
}

/** A product computed by the engine itself: that its addon loads is not enough. */
async function checkEngine(): Promise<string> {
  const { engine } = await engineFor({ engine: 'onnxruntime', device: 'cpu' });
  await using program = await engine.compile(({ x }) => ({ y: tidy(() => mul(x!, x!)) }), { x: { kind: 'feed', shape: [2] } });
  const { y } = await program.run({ x: { shape: [2], dtype: 'float32', data: Float32Array.of(3, 4) } });
  if (y?.data[0] !== 9 || y.data[1] !== 16) throw new Error(l10n.t('computed 3² = {0}, 4² = {1}', String(y?.data[0]), String(y?.data[1])));
  return l10n.t('{0} on {1}', Object.values(engine.versions).join(', '), engine.device);
}

async function checkSharp(): Promise<string> {
  const { default: sharp } = await import('sharp');
  const png = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#102030' } }).png().toBuffer();
  const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  if (data[0] !== 0x10) throw new Error(l10n.t('a picture was not read back as it was written'));
  return l10n.t('{0}, libvips {1}', sharp.versions.sharp, sharp.versions.vips);
}

async function tried(name: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, detail: await check() };
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) };
  }
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
