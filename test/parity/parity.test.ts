import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createOnnxRuntimeEngine } from '../../src/engine/onnxruntime.ts';
import { formatReport, type RecordReport } from '../../scripts/parity/comparison.ts';
import { testsAll } from '../vscode.ts';
import { compareFile, type ParityOptions } from '../../scripts/parity/record-file.ts';

const engine = await createOnnxRuntimeEngine();
const read = (name: string): string => readFileSync(new URL(`../fixtures/parity/${name}.json`, import.meta.url), 'utf8');

async function reportsOf(text: string, options: ParityOptions = {}): Promise<RecordReport[]> {
  const reports: RecordReport[] = [];
  for await (const report of compareFile(engine, text, options)) reports.push(report);
  return reports;
}

function expectParity(reports: readonly RecordReport[], numbers: number): void {
  for (const report of reports) expect(report.isAvailable && report.comparisons.every(({ passes }) => passes), formatReport(report)).toBe(true);
  expect(reports.flatMap(({ comparisons }) => comparisons).length).toBe(numbers);
}

describe('parity with the official code, on onnxruntime', () => {
  test('forward passes of PSPNet and of the SCRKD student', async () => {
    expectParity(await reportsOf(read('pspnet'), { only: 'pspnet' }), 17 * 17);
    expectParity(await reportsOf(read('pspnet'), { only: 'scrkd_pspnet' }), 3 * 17);
  });

  test('forward passes of ISAANet and SOLNet', async () => {
    expectParity(await reportsOf(read('light-networks')), 14 * 17);
  });

  test.each(['SCRKD5 rule (teacher eval)', 'SCRKD5 rule (teacher train-mode, official)', 'SCRKD52 rule (teacher eval)'])('losses and gradients: %s', async (only) => {
    expectParity(await reportsOf(read('pspnet'), { only }), 15);
  });

  test('forward passes of SegFormer and TransXNet, its official head and a resized table of positions too', async () => {
    expectParity(await reportsOf(read('models'), { only: 'segformer' }), 7 * 17);
    expectParity(await reportsOf(read('models'), { only: 'transxnet' }), 17 * 17);
  });

  test('losses and gradients of SCRKD with SegFormer, in the official stage order and the intended one, and with TransXNet', async () => {
    expectParity(await reportsOf(read('transformers-scrkd')), 3 * 10);
  });

  test('losses and gradients of the default rule, at several sizes', async () => {
    expectParity(await reportsOf(read('default-rule'), { only: 'SCRKD default rule' }), 3 * 14);
  });

  test('five steps of AdamW', async () => {
    expectParity(await reportsOf(read('default-rule'), { only: 'adamwDefaultRule' }), 5 * 5 + 6);
  });
});

/** The rest of the methods is a matter of minutes and left to `npm run test:all`. */
const quick = ['PSPNet IFVD', 'PSPNet STONet'];
const methodRecords = Object.keys((JSON.parse(read('methods')) as { lossesAndGradients: object }).lossesAndGradients);

describe('the comparison methods', () => {
  test.each(testsAll ? methodRecords : quick)('losses and gradients: %s', async (only) => {
    const [report, ...others] = await reportsOf(read('methods'), { only });
    expect(others).toEqual([]);
    expect(report!.isAvailable && report!.comparisons.length >= 6 && report!.comparisons.every(({ passes }) => passes), formatReport(report!)).toBe(true);
  });
});

describe.runIf(testsAll).each([
  ['the comparison methods on SegFormer, its official order of stages', 'segformer-methods'],
  ['the comparison methods on TransXNet, its official head, and SCRKD with either head', 'transxnet-methods'],
  ['SCRKD on ISAANet, KD on ISAANet and SOLNet with its dropout', 'light-networks-losses'],
])('%s, images that are not square', (_, file) => {
  const text = read(file);
  const names = Object.keys((JSON.parse(text) as { lossesAndGradients: object }).lossesAndGradients);
  test.each(names)('losses and gradients: %s', async (only) => {
    const [report] = await reportsOf(text, { only });
    expect(report!.isAvailable && report!.comparisons.length >= 6 && report!.comparisons.every(({ passes }) => passes), formatReport(report!)).toBe(true);
  });
});

describe('record files', () => {
  const nothing = { shapeNCHW: [1, 1, 1, 1], mean: 0 };

  test('a model that is not built is said to be not available, not compared', async () => {
    const reports = await reportsOf(JSON.stringify({ 'unbuilt.c1': nothing, 'pspnet.s1': nothing }), { only: 'unbuilt' });
    expect(reports.map(({ record, isAvailable }) => [record, isAvailable])).toEqual([['unbuilt.c1', false]]);
    expect((await reportsOf(JSON.stringify({ lossesAndGradients: { 'PSPNet Nothing': { total: 1 } } })))[0]!.isAvailable).toBe(false);
  });

  test('sizes, batch and salt come from the file; a wrong number fails', async () => {
    const text = JSON.stringify({ meta: { salt: 'x/', sizes: { fwd: [33, 64] } }, modelForward: { 'pspnet.out2 @33x64': { shapeNCHW: [1, 256, 9, 16], mean: 1e9 } } });
    const [report] = await reportsOf(text);
    const byName = new Map(report!.comparisons.map((comparison) => [comparison.quantity.split(' ')[0], comparison]));
    expect(byName.get('shape')!.passes).toBe(true);
    expect(byName.get('mean')!.passes).toBe(false);
    const [salted] = await reportsOf(text, { salt: 'y/' });
    expect(salted!.comparisons[1]!.value).not.toBe(byName.get('mean')!.value);
  });

  test('text that is no JSON is refused', async () => {
    await expect(reportsOf('{ "a": ')).rejects.toThrow(SyntaxError);
  });
});

