/** What each method compares with what, for the networks of the paper; beside it stands what is to be said about it. */
import { describe, expect, test } from 'vitest';
import { methodNames, methods, type MethodName, type MethodOptions } from '../../src/config/catalog/methods.ts';
import { models, type ModelName } from '../../src/config/catalog/models.ts';
import type { Transfer } from '../../src/config/description.ts';
import { networkShape } from '../../src/distillation/network.ts';
import { createMethod } from '../../src/distillation/registry.ts';
import type { NetworkShape } from '../../src/distillation/method.ts';

const shape = (model: ModelName, side: number): NetworkShape => networkShape({ model, options: models[model].defaults, height: side, width: side });

function transfersOf(name: MethodName, student: NetworkShape, teacher: NetworkShape, options: MethodOptions = methods[name].presets.default): readonly Transfer[] {
  return createMethod(name, options as never).transfers(student, teacher);
}

const side = ({ name, height, width, channels }: Transfer['student']): string => `${name} ${String(height)}x${String(width)}x${String(channels)}`;
const line = ({ term, student, teacher, comparedOn }: Transfer): string => `${term.padEnd(12)} ${side(student).padEnd(22)} with ${side(teacher).padEnd(22)} on ${String(comparedOn.height)}x${String(comparedOn.width)}`;

describe('a pair of networks of 224 and 112 pixels', () => {
  test.each(['pspnet', 'segformer'] as const)('%s', async (model) => {
    const [student, teacher] = [shape(model, 112), shape(model, 224)];
    const parts = methodNames.map((name) => [`## ${name}`, ...transfersOf(name, student, teacher).map(line)].join('\n'));
    await expect(`${parts.join('\n\n')}\n`).toMatchFileSnapshot(`transfers/${model}.expected.txt`);
  });
});

test.each(methodNames)('%s: every term says what it compares', (name) => {
  const terms = new Set(transfersOf(name, shape('pspnet', 112), shape('pspnet', 224)).map(({ term }) => term));
  expect([...terms].sort()).toEqual(Object.keys(methods[name].terms).sort());
});

test('a teacher that was distilled itself, and one with a single head, give their maps at the size of their image', () => {
  const { presets } = methods.scrkd;
  const distilled = networkShape({ model: 'pspnet', options: models.pspnet.defaults, height: 224, width: 224, adapter: { method: 'scrkd', options: presets.default } });
  const dsd = (teacher: NetworkShape, student: NetworkShape) => transfersOf('scrkd', student, teacher).filter(({ term }) => term === 'dsd').map(({ comparedOn }) => comparedOn.height);
  expect(dsd(shape('pspnet', 224), shape('pspnet', 112))).toEqual([112, 56, 28, 14, 7]);
  expect(dsd(distilled, shape('pspnet', 112))).toEqual([224, 224, 224, 224, 224]);
  expect(dsd(shape('segformer', 224), shape('segformer', 112))).toEqual([224]);
});

test("the official order of SegFormer's stages is told by the stages' own numbers", () => {
  const [student, teacher] = [shape('segformer', 112), shape('segformer', 224)];
  const skd = methods.skd.presets['official-code'];
  expect(transfersOf('skd', student, teacher, skd).find(({ term }) => term === 'pair')).toMatchObject({ student: { name: 'F.4' }, teacher: { name: 'F.4' } });
  const scrkd = methods.scrkd.presets['official-code'];
  expect(transfersOf('scrkd', student, teacher, scrkd).filter(({ term }) => term === 'msfd').map((each) => [each.student.name, each.teacher.name])).toEqual([
    ['D3.1', 'F.4'],
    ['D3.2', 'F.3'],
    ['D3.3', 'F.2'],
    ['D3.4', 'F.1'],
  ]);
});
