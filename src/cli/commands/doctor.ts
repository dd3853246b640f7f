import { availableParallelism, freemem, totalmem } from 'node:os';
import * as l10n from '@vscode/l10n';
import { mul, tidy } from '@tensorflow/tfjs-core';
import { messageOf } from '../../base/errors.ts';
import { cacheDirectory } from '../../runs/device-queue.ts';
import { engineFor } from '../../training/engine.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { versions } from '../version.ts';

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** `scrkd doctor`: whether everything that training needs works under this Node, each with what was found. */
export async function doctor({ json }: { readonly json?: boolean }): Promise<ExitCode> {
  const findings: Finding[] = [
    { name: 'scrkd', ok: true, detail: versions['scrkd'] ?? '' },
    { name: 'node', ok: true, detail: `${process.version} ${process.platform}-${process.arch}` },
    { name: 'machine', ok: true, detail: l10n.t('{0} threads, {1} GiB of {2} GiB memory free', availableParallelism(), gib(freemem()), gib(totalmem())) },
    { name: 'cache', ok: true, detail: cacheDirectory() },
    await tried('onnxruntime', checkEngine),
    await tried('sharp', checkSharp),
  ];
  if (json) process.stdout.write(`${JSON.stringify(findings)}\n`);
  else for (const { name, ok, detail } of findings) process.stdout.write(`${ok ? '✓' : '✗'} ${name.padEnd(12)} ${detail}\n`);
  return findings.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed;
}

/** A product computed by the engine itself: that its addon loads is not enough. */
async function checkEngine(): Promise<string> {
  const { engine } = await engineFor({});
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
