/**
 * All measures of the protocol `pysod` over a few images, ours and PySODMetrics' in turns within one run:
 * `node bench/run.mjs metrics --python PYTHON [--rounds 5] [--images 8] [--side 448]`
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../src/base/random.ts';
import { createEvaluator } from '../src/metrics/evaluator.ts';
import type { Evaluation, MetricsProtocol } from '../src/metrics/metrics.ts';
import { startPeer, type Answer } from './peer.ts';
import { row, summarise, takeTurn, type Turn } from './timing.ts';

const { values } = parseArgs({
  options: { python: { type: 'string' }, rounds: { type: 'string', default: '5' }, images: { type: 'string', default: '8' }, side: { type: 'string', default: '448' } },
});
const rounds = Number(values.rounds);
const side = Number(values.side);

interface Image {
  readonly map: Uint8Array;
  readonly mask: Uint8Array;
}

/** One to four discs; the map is a blurred, displaced and noisy version of them, as a network's is. */
function drawImage(index: number): Image {
  const random = new Random('bench-metrics', index);
  const discs = Array.from({ length: 1 + random.integer(4) }, () => ({
    y: random.between(0.1, 0.9) * side,
    x: random.between(0.1, 0.9) * side,
    radius: random.between(0.02, 0.2) * side,
  }));
  const map = new Uint8Array(side * side);
  const mask = new Uint8Array(side * side);
  for (let i = 0; i < map.length; i++) {
    const y = Math.floor(i / side);
    const x = i % side;
    const inside = Math.max(...discs.map((disc) => disc.radius - Math.hypot(y - disc.y, x - disc.x)));
    const believed = Math.max(...discs.map((disc) => 0.9 * disc.radius - Math.hypot(y - disc.y - 4, x - disc.x + 3)));
    mask[i] = inside > 0 ? 255 : 0;
    map[i] = 255 / (1 + Math.exp(-believed / 4)) * random.between(0.85, 1);
  }
  return { map, mask };
}

function evaluate(protocol: MetricsProtocol, images: readonly Image[]): Evaluation {
  const evaluator = createEvaluator(protocol);
  for (const { map, mask } of images) evaluator.add(map, mask, side, side);
  return evaluator.result();
}

async function writeImages(images: readonly Image[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scrkd-bench-'));
  await writeFile(join(folder, 'images.json'), JSON.stringify({ images: images.length, height: side, width: side }));
  for (const [index, { map, mask }] of images.entries()) {
    await writeFile(join(folder, `${index}.map`), map);
    await writeFile(join(folder, `${index}.mask`), mask);
  }
  return folder;
}

function deviation(ours: Evaluation, theirs: Answer): number {
  return Math.max(...(['mae', 's', 'meanE', 'maxF', 'weightedF'] as const).map((measure) => Math.abs((ours[measure] ?? NaN) - Number(theirs[measure]))));
}

const images = Array.from({ length: Number(values.images) }, (_, index) => drawImage(index));
const folder = await writeImages(images);
const peer = values.python === undefined ? undefined : await startPeer(values.python, [resolve(import.meta.dirname, '../bench/pysod_peer.py'), folder]);
const turns: Record<'pysod' | 'scrkd448' | 'peer', Turn[]> = { pysod: [], scrkd448: [], peer: [] };
const perImage = ({ milliseconds, cpuMilliseconds, otherCores }: Turn): Turn => ({ milliseconds: milliseconds / images.length, cpuMilliseconds: cpuMilliseconds / images.length, otherCores });
// The first round warms both up and is not counted.
for (let round = 0; round <= rounds; round++) {
  for (const protocol of ['pysod', 'scrkd448'] as const) {
    const mine = await takeTurn(() => Promise.resolve(evaluate(protocol, images)), () => undefined);
    if (round > 0) turns[protocol].push(perImage(mine));
    if (protocol !== 'pysod' || peer === undefined) continue;
    const theirs = await takeTurn(() => peer.ask(), (answer) => ({ milliseconds: Number(answer['milliseconds']), cpuSeconds: Number(answer['cpuSeconds']) }));
    if (round > 0) turns.peer.push(perImage(theirs));
    console.log(`round ${round}: numbers within ${deviation(mine.result, theirs.result).toExponential(1)}`);
  }
}
peer?.end();
await rm(folder, { recursive: true });
console.log(`\n| ${side}×${side} | ms per image, median (min) | CPU ms | cores busy elsewhere |\n|---|---|---|---|`);
const pysod = summarise(turns.pysod);
console.log(row('pysod, all measures', pysod, 2));
console.log(row('scrkd448, all measures', summarise(turns.scrkd448), 2));
if (peer !== undefined) {
  const theirs = summarise(turns.peer);
  console.log(row(peer.name, theirs, 2));
  console.log(`\nPySODMetrics / ours: ${(theirs.median / pysod.median).toFixed(1)} (of minima ${(theirs.minimum / pysod.minimum).toFixed(1)}, of CPU times ${(theirs.cpu / pysod.cpu).toFixed(1)})`);
}
