/** Every method with every pair of models: what the config's checks take can be built, what they refuse they explain, and building refuses it, too. */
import { describe, expect, test } from 'vitest';
import { methodNames, methods, type MethodName } from '../../src/config/catalog/methods.ts';
import { modelNames, models, type ModelName } from '../../src/config/catalog/models.ts';
import type { Preset } from '../../src/config/experiment.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { DistillationError } from '../../src/distillation/errors.ts';
import { describe as describeStep } from '../../src/engine/describe.ts';
import { defineTrainingStep, type NetworkDefinition, type TrainingStep } from '../../src/training/step.ts';
import { testsAll } from '../vscode.ts';

interface Network {
  readonly model: ModelName;
  readonly width: number;
  readonly side: number;
}

interface Pair {
  readonly teacher: Network;
  readonly student: Network;
  readonly preset: Preset;
}

function definitionOf({ model, width, side }: Network): NetworkDefinition {
  return { model, options: { ...models[model].defaults, width }, height: side, width: side };
}

function built({ teacher, student, preset }: Pair, name: MethodName): TrainingStep {
  const optimizer = { weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  return defineTrainingStep({ student: definitionOf(student), teacher: definitionOf(teacher), method: { name, options: methods[name].presets[preset] }, batchSize: 2, optimizer });
}

/** What the checks refuse of students that learn by each method from one teacher, in sentences. */
async function refused({ teacher, student, preset }: Pair): Promise<ReadonlyMap<MethodName, readonly string[]>> {
  const network = ({ model, width, side }: Network): string => `model: { name: ${model}, width: ${width} }, resolution: ${side}`;
  const students = methodNames.map((method) => `  by-${method}: { ${network(student)}, distill: { from: teacher, method: ${method} } }`);
  const text = [`preset: ${preset}`, 'experiment: pairs', 'dataset: { root: data }', 'stages:', `  teacher: { ${network(teacher)} }`, ...students].join('\n');
  const { diagnostics } = await resolveExperiment({ path: 'pairs.scrkd.yaml', text }, { readText: () => Promise.reject(new Error('there is no other file')) });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const of = (method: MethodName) => errors.filter(({ path }) => path[0] === 'stages' && path[1] === `by-${method}`).map(({ message }) => message);
  const found = new Map(methodNames.map((method) => [method, of(method)]));
  expect([...found.values()].flat().length, JSON.stringify(errors)).toBe(errors.length); // nothing else is wrong with the text
  return found;
}

/** `undefined`: it can be built. */
function whyNotBuilt(pair: Pair, method: MethodName): string | undefined {
  try {
    built(pair, method);
    return undefined;
  } catch (error) {
    if (error instanceof DistillationError && error.reason === 'pair') return error.message;
    throw error;
  }
}

const pairs = (widths: { readonly teacher: number; readonly student: number }, sides: { readonly teacher: number; readonly student: number }, preset: Preset = 'default'): Pair[] =>
  modelNames.flatMap((teacher) =>
    modelNames.map((student) => ({ preset, teacher: { model: teacher, width: widths.teacher, side: sides.teacher }, student: { model: student, width: widths.student, side: sides.student } })),
  );

const narrow = { teacher: 0.125, student: 0.125 };
const looks: readonly (readonly [string, readonly Pair[]])[] = [
  ['of equal width', pairs(narrow, { teacher: 128, student: 64 })],
  ['as the official code has them', pairs(narrow, { teacher: 128, student: 64 }, 'official-code')],
  ['of sizes that a discriminator does not take', pairs(narrow, { teacher: 64, student: 32 })],
  ['of another ratio of sizes', pairs(narrow, { teacher: 128, student: 32 })],
  ['whose widths differ and round to the same', pairs({ teacher: 0.12, student: 0.125 }, { teacher: 64, student: 32 })],
  ['of other widths', pairs({ teacher: 0.5, student: 0.125 }, { teacher: 64, student: 32 })],
];
const titleOf = ({ teacher, student }: Pair): string => `${student.model} from ${teacher.model}`;

describe.each(looks)('networks %s', (_, all) => {
  test('are taken or refused in the config as they are when a step is built', async () => {
    const taken: string[] = [];
    for (const pair of all) {
      for (const [method, problems] of await refused(pair)) {
        const what = `${titleOf(pair)} by ${method}: ${problems.join(' ')}`;
        expect(whyNotBuilt(pair, method) !== undefined, what).toBe(problems.length > 0);
        for (const problem of problems) expect(problem, what).toMatch(/ .*[^.]\.$/);
        if (problems.length === 0) taken.push(what);
      }
    }
    // logits can be compared between any networks
    expect(taken.length).toBeGreaterThanOrEqual(all.length);
    expect(taken.length).toBeLessThan(all.length * methodNames.length);
  });
});

/** A trace of every step takes minutes. */
describe.runIf(testsAll)('every method with every pair of models that it takes', () => {
  test.each([...looks[0]![1], ...looks[3]![1]].map((pair) => [`${titleOf(pair)}, ${pair.teacher.side} to ${pair.student.side}`, pair] as const))('%s: its step can be traced', (_, pair) => {
    for (const method of methodNames) {
      if (whyNotBuilt(pair, method) !== undefined) continue;
      const step = built(pair, method);
      const { outputs } = describeStep(step.step, step.inputs());
      const expected = ['total', ...[...step.terms, ...step.reportedTerms].map((term) => `term/${term}`)];
      for (const name of expected) expect(outputs[name]?.shape, `${method}: ${name}`).toEqual([]);
    }
  });
});
