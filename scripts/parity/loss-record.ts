/** Records of loss terms and gradient norms of a first training step, and of several AdamW steps. */
import { scrkd } from '../../src/distillation/scrkd/scrkd.ts';
import type { ScrkdRule } from '../../src/distillation/scrkd/rule.ts';
import type { Engine, HostTensor, Program } from '../../src/engine/engine.ts';
import { elementCount } from '../../src/nn/parameters.ts';
import type { Grid } from '../../src/nn/resize.ts';
import { inputName } from '../../src/training/step-inputs.ts';
import { assembleTrainingStep, type TrainingStep } from '../../src/training/step.ts';
import { compare, compareAbsent, type Comparison } from './comparison.ts';
import { imageTensor, weightTensors, type Generator } from './generator.ts';
import { defaultOptions, plainPspnet } from './networks.ts';
import { isNumber, isObject, listOf, numbersOf, type PrintedJson, type PrintedObject } from './printed-json.ts';

const TERM_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-3;
/** Batch norm over a few values in the pyramid's 1×1 branch makes the encoder's gradients ill-conditioned in float32. */
const encoderTolerances = [
  { below: 4, tolerance: 2e-2 },
  { below: 8, tolerance: 5e-3 }, // PyTorch's own float32 is off by 1.3e-3 at batch 4
];
const LATER_TOTAL_TOLERANCE = 2e-4;
const LATER_TERM_TOLERANCE = 5e-2;
const CHANGE_TOLERANCE = 1e-2;

const termWeights: Readonly<Record<string, number>> = { sod: 1, mvcd: 1, msfd: 1, dsd: 10 };
const optimizer = { weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const stages = [1, 2, 3, 4, 5];
const dsd: ScrkdRule['dsd'] = { direction: 'teacher-to-student', temperature: 'inside' };
const rules: Readonly<Record<string, ScrkdRule>> = {
  SCRKD5: { mvcd: { at: 'teacher', stages }, msfd: { weighting: 'cosine', pyramid: 'halving', target: 'bilinear' }, dsd },
  SCRKD52: { mvcd: { at: 'teacher', stages: stages.slice(1) }, msfd: { weighting: 'cosine', pyramid: 'halving', target: 'pooled' }, dsd },
  'SCRKD default': { mvcd: { at: 'student', stages }, msfd: { weighting: 'cosine', pyramid: 'halving', target: 'pooled' }, dsd },
};

/** What a record asks for. */
export interface LossSetting {
  readonly rule: ScrkdRule;
  readonly teacherMode: 'default' | 'official';
  readonly student: Grid;
  readonly teacher: Grid;
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

function gridFrom(json: PrintedJson | undefined, otherwise: number): Grid {
  const [height = otherwise, width = height] = isNumber(json) ? [json.value] : numbersOf(json).map(({ value }) => value);
  return [height, width];
}

const numberFrom = (json: PrintedJson | undefined, otherwise: number): number => (isNumber(json) ? json.value : otherwise);

function settingOf(ruleName: string, teacherMode: LossSetting['teacherMode'], record: PrintedObject): LossSetting | undefined {
  const rule = rules[ruleName];
  return rule && {
    rule,
    teacherMode,
    student: gridFrom(record.studentRes, 64),
    teacher: gridFrom(record.teacherRes, 128),
    batch: numberFrom(record.batch, 2),
    learningRate: numberFrom(record.lr, 2e-5),
    weightDecay: numberFrom(record.weightDecay, optimizer.weightDecay),
  };
}

/** @param name without its remark, e.g. `SCRKD5 rule (teacher train-mode, official)`; nothing for a method that is not built. */
export function lossSetting(name: string, record: PrintedObject): LossSetting | undefined {
  const [, rule, mode] = /^(SCRKD5|SCRKD52|SCRKD default) rule \((teacher eval|teacher train-mode, official)\)$/.exec(name) ?? [];
  return rule === undefined ? undefined : settingOf(rule, mode === 'teacher eval' ? 'default' : 'official', record);
}

interface Prepared extends AsyncDisposable {
  readonly step: TrainingStep;
  readonly program: Program;
  readonly initial: Readonly<Record<string, HostTensor>>;
  /** Runs step n (from 1) on the one batch of the record. */
  run(n: number): Promise<Record<string, number>>;
}

async function prepare(engine: Engine, generator: Generator, setting: LossSetting): Promise<Prepared> {
  const { student, teacher, batch, teacherMode, rule, learningRate, weightDecay } = setting;
  const method = scrkd({ ...defaultOptions, teacherMode }, rule);
  const step = assembleTrainingStep({ student: plainPspnet(student), teacher: plainPspnet(teacher), batchSize: batch, optimizer: { ...optimizer, weightDecay } }, method);
  const teacherWeights = weightTensors(generator, step.teacherParameters, 'teacher.');
  const inputs = step.inputs(teacherWeights);
  const program = await engine.compile(step.step, inputs);
  const weights = weightTensors(generator, step.parameters);
  const initial: Record<string, HostTensor> = Object.fromEntries(step.parameters.map((spec) => [inputName(spec), weights[spec.name]!]));
  for (const [name, spec] of Object.entries(inputs)) {
    if (spec.kind !== 'state' || name in initial) continue;
    initial[name] = name.startsWith('teacher/') ? teacherWeights[name.slice('teacher/'.length)]! : { shape: spec.shape, dtype: 'float32', data: new Float32Array(elementCount(spec.shape)) };
  }
  await program.writeState(initial);
  const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });
  const data = {
    image: imageTensor(generator, 'xS', [batch, ...student, 3]),
    teacherImage: imageTensor(generator, 'xT', [batch, ...teacher, 3]),
    mask: imageTensor(generator, 'label', [batch, ...student, 1], (value) => (value > 0 ? 1 : 0)),
    learningRate: scalar(learningRate),
    temperature: scalar(1),
    'weight/mvcd': scalar(termWeights.mvcd!),
    'weight/msfd': scalar(termWeights.msfd!),
    'weight/dsd': scalar(termWeights.dsd!),
  };
  return {
    step,
    program,
    initial,
    run: async (n) => {
      const outputs = await program.run({ ...data, biasCorrection1: scalar(1 - optimizer.beta1 ** n), biasCorrection2: scalar(1 - optimizer.beta2 ** n) });
      const terms = step.terms.map((term) => [term, termWeights[term]! * Number(outputs[`term/${term}`]!.data[0])] as const);
      return { total: Number(outputs.total!.data[0]), ...Object.fromEntries(terms) };
    },
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}

function norm(values: HostTensor['data'], minus?: HostTensor['data']): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index]! - (minus?.[index] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

function gradientTolerance(name: string, batch: number): number {
  const ofEncoder = name.startsWith('bkbone.') ? encoderTolerances.find(({ below }) => batch < below) : undefined;
  return ofEncoder?.tolerance ?? GRADIENT_TOLERANCE;
}

/** `mvcd(alpha)` and `dsd*10` name the term before the sign. */
function termOf(key: string): string {
  return /^[a-z]+/.exec(key)?.[0] ?? key;
}

export async function compareLosses(engine: Engine, generator: Generator, record: PrintedObject, setting: LossSetting): Promise<Comparison[]> {
  await using prepared = await prepare(engine, generator, setting);
  const terms = await prepared.run(1);
  const ofTerms = Object.entries(record).flatMap(([key, expected]) => {
    const value = terms[termOf(key)];
    return isNumber(expected) && value !== undefined ? [compare(key, value, expected, TERM_TOLERANCE)] : [];
  });
  const gradients = isObject(record.gradNorm) ? record.gradNorm : {};
  const known = Object.keys(gradients).filter((name) => `moment1/${name}` in prepared.initial);
  const moments = await prepared.program.readState(known.map((name) => `moment1/${name}`));
  const ofGradients = Object.entries(gradients).map(([name, expected]) => {
    const moment = moments[`moment1/${name}`];
    // After one step from zero the first moment is (1 − β1) times the gradient.
    const value = moment === undefined ? null : norm(moment.data) / (1 - optimizer.beta1);
    const quantity = `|grad ${name}|`;
    return isNumber(expected) ? compare(quantity, value ?? NaN, expected, gradientTolerance(name, setting.batch)) : compareAbsent(quantity, value);
  });
  return [...ofTerms, ...ofGradients];
}

/** The same batch in every step: the terms that each step sees, then how far some weights have moved. */
export async function compareAdamw(engine: Engine, generator: Generator, record: PrintedObject): Promise<Comparison[]> {
  await using prepared = await prepare(engine, generator, settingOf('SCRKD default', 'default', record)!);
  const columns = listOf(record.columns).map(String);
  const comparisons: Comparison[] = [];
  for (const [index, row] of listOf(record.beforeStep).entries()) {
    const terms = await prepared.run(index + 1);
    for (const [column, expected] of numbersOf(row).entries()) {
      const key = columns[column]!;
      const later = key === 'total' ? LATER_TOTAL_TOLERANCE : LATER_TERM_TOLERANCE;
      comparisons.push(compare(`step ${index} ${key}`, terms[termOf(key)] ?? NaN, expected, index === 0 ? TERM_TOLERANCE : later));
    }
  }
  for (const [name, expected] of Object.entries(isObject(record.changeNorm) ? record.changeNorm : {})) {
    if (!isNumber(expected)) continue;
    const key = `parameter/${name}`;
    const { [key]: weight } = await prepared.program.readState([key]);
    comparisons.push(compare(`|change of ${name}|`, norm(weight!.data, prepared.initial[key]!.data), expected, CHANGE_TOLERANCE));
  }
  return comparisons;
}
