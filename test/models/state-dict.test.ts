import { describe, expect, test } from 'vitest';
import { fits, matchParameters, partsOf } from '../../src/models/state-dict.ts';
import { pspnet } from '../../src/models/pspnet.ts';
import { officialStateDict } from './official-state-dicts.ts';

const plain = ['bkbone.conv1.weight', 'fuse1.bn1.bias'];
const under = (prefix: string, names = plain): string[] => names.map((name) => prefix + name);
const partsIn = (names: string[]): Record<string, string[]> => Object.fromEntries(partsOf(names).parts.map(({ name, tensors }) => [name, [...tensors.keys()]]));

describe('the networks of a file', () => {
  test('a plain one', () => expect(partsIn(plain)).toEqual({ network: plain }));

  test('a SCRKD student with its teacher, in the cascade with that one\'s own', () => {
    expect(partsIn([...plain, ...under('teacher.'), ...under('teacher.teacher.')])).toEqual({ student: plain, teacher: plain, 'teacher.teacher': plain });
  });

  test("other methods' students under a prefix, whose training layers are of no network", () => {
    const names = [...under('student.'), ...under('teacher.'), 'projection.weight'];
    expect(partsIn(names)).toEqual({ student: plain, teacher: plain });
    expect(partsOf(names).others).toEqual(['projection.weight']);
  });

  test('the prefix of data-parallel training is no part of the names, around all or within a part', () => {
    expect(partsIn(under('module.', [...plain, ...under('teacher.')]))).toEqual({ student: plain, teacher: plain });
    expect(partsIn([...under('student.module.'), ...under('teacher.')])).toEqual({ student: plain, teacher: plain });
    const [part] = partsOf(under('student.module.')).parts;
    expect([...part!.tensors]).toEqual(plain.map((name) => [name, `student.module.${name}`]));
  });

  test('the state of a training is of no network', () => {
    const state = [...under('moment1/'), ...under('moment2/'), 'teacher/bkbone.bn1.running_mean', 'integrity.sha256'];
    expect(partsIn([...plain, ...state])).toEqual({ network: plain });
    expect(partsOf([...plain, ...state]).others).toEqual(state);
  });

  test('none', () => expect(partsOf([])).toEqual({ parts: [], others: [] }));
});

/** The state dict of the official SCRKD student. */
const official = new Map(officialStateDict('pspnet-scrkd-student').map(({ name, shape }) => [name, { shape }]));
const parameters = pspnet({ backbone: 'resnet50', width: 1 }).parameters(448, 448);
const plainTensors = new Map([...official].filter(([name]) => parameters.some((parameter) => parameter.name === name) || name.endsWith('.num_batches_tracked')));

describe('how tensors fit a network', () => {
  test('the official student has all of a plain network, and more', () => {
    const report = matchParameters(official, parameters);
    expect([report.matched.length, report.missing, report.misshapen]).toEqual([parameters.length, [], []]);
    expect(report.unexpected).toContain('decouple1.conv1.0.weight');
    expect(fits(report)).toBe(false);
  });

  test("PyTorch's batch counts are neither expected nor unexpected", () => expect(fits(matchParameters(plainTensors, parameters))).toBe(true));

  test('what is missing, unexpected and of another shape is named', () => {
    const tensors = new Map(plainTensors);
    tensors.delete('fuse1.bn1.bias');
    tensors.set('fuse2.bn1.bias', { shape: [3] }).set('fc.weight', { shape: [1000, 2048] });
    expect(matchParameters(tensors, parameters)).toMatchObject({ missing: ['fuse1.bn1.bias'], unexpected: ['fc.weight'], misshapen: [{ name: 'fuse2.bn1.bias', found: [3], expected: [256] }] });
  });

  test('what only the loss uses may be absent', () => {
    const [first] = parameters;
    expect(fits(matchParameters(new Map(), [{ ...first!, trainingOnly: true }]))).toBe(true);
  });
});
