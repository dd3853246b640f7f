/** Records of loss terms and gradient norms of a first training step, and of several AdamW steps. */
import { coefficientsOf, methodNames, methods, temperatureOf, type MethodName, type MethodOptions } from '../../src/config/catalog/methods.ts';
import { models } from '../../src/config/catalog/models.ts';
import type { Method } from '../../src/distillation/method.ts';
import { createNetwork, type NetworkDefinition } from '../../src/distillation/network.ts';
import { createMethod } from '../../src/distillation/registry.ts';
import { scrkd } from '../../src/distillation/scrkd/scrkd.ts';
import type { ScrkdRule } from '../../src/distillation/scrkd/rule.ts';
import { createModel } from '../../src/models/registry.ts';
import type { Engine, HostTensor, Program } from '../../src/engine/engine.ts';
import { elementCount, type ParameterSpec } from '../../src/nn/parameters.ts';
import type { Grid } from '../../src/nn/resize.ts';
import { inputName } from '../../src/training/step-inputs.ts';
import { assembleTrainingStep, type TrainingStep } from '../../src/training/step.ts';
import { compare, compareAbsent, type Comparison } from './comparison.ts';
import { imageTensor, noiseTensor, weightTensors, type Generator } from './generator.ts';
import { defaultOptions, networkNamed, plainPspnet } from './networks.ts';
import { isNumber, isObject, listOf, numbersOf, type PrintedJson, type PrintedObject } from './printed-json.ts';

const TERM_TOLERANCE = 1e-5;
/** Affinities are quadratic in the coarsest features, whose batch norms see a few values at small batches. */
const AFFINITY_TOLERANCE = 1e-4;
/**
 * Saliency maps at batches below 4, whose coarsest batch norms see two or three values: rounding every layer's result to float32 moves
 * the term by up to 9e-6 (in PyTorch). TensorFlow's sums are off by 1.5e-5.
 */
const TENSORFLOW_SMALL_BATCH_DSD_TOLERANCE = 2e-5;
const GRADIENT_TOLERANCE = 1e-3;
/** Batch norm over a few values where a map is pooled to one makes the encoder's gradients ill-conditioned in float32. */
const encoderTolerances = [
  { below: 4, tolerance: 2e-2 },
  { below: 8, tolerance: 5e-3 }, // PyTorch's own float32 is off by 1.3e-3 at batch 4
];
const LATER_TOTAL_TOLERANCE = 2e-4;
const LATER_TERM_TOLERANCE = 5e-2;
const CHANGE_TOLERANCE = 1e-2;

const optimizer = { weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const stages = [1, 2, 3, 4, 5];
const dsd: ScrkdRule['dsd'] = { direction: 'teacher-to-student', temperature: 'inside' };
const rules: Readonly<Record<string, ScrkdRule>> = {
  SCRKD5: { mvcd: { at: 'teacher', stages }, msfd: { weighting: 'cosine', pyramid: 'halving', target: 'bilinear' }, dsd },
  SCRKD52: { mvcd: { at: 'teacher', stages: stages.slice(1) }, msfd: { weighting: 'cosine', pyramid: 'halving', target: 'pooled' }, dsd },
  'SCRKD default': { mvcd: { at: 'student', stages }, msfd: { weighting: 'cosine', pyramid: 'halving', target: 'pooled' }, dsd },
};

function termTolerance(engine: Engine, key: string, batch: number): number {
  if (key === 'cma' && batch < 8) return AFFINITY_TOLERANCE;
  return engine.name === 'tensorflow' && key.startsWith('dsd') && batch < 4 ? TENSORFLOW_SMALL_BATCH_DSD_TOLERANCE : TERM_TOLERANCE;
}

/** What a record asks for. */
export interface LossSetting {
  readonly method: Method;
  readonly network: (grid: Grid) => NetworkDefinition;
  /** Put before the keys of the student's own parameters; those of the method have none. */
  readonly prefix: string;
  readonly weights: Readonly<Record<string, number>>;
  readonly temperature: number;
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

type Subject = Pick<LossSetting, 'method' | 'network' | 'prefix' | 'weights' | 'temperature'>;

function settingOf(subject: Subject, record: PrintedObject): LossSetting {
  return {
    ...subject,
    student: gridFrom(record.studentRes, 64),
    teacher: gridFrom(record.teacherRes, 128),
    batch: numberFrom(record.batch, 2),
    learningRate: numberFrom(record.lr, 2e-5),
    weightDecay: numberFrom(record.weightDecay, optimizer.weightDecay),
  };
}

function scrkdSubject(ruleName: string, teacherMode: 'default' | 'official'): Subject | undefined {
  const rule = rules[ruleName];
  return rule && { method: scrkd({ ...defaultOptions, teacherMode }, rule), network: plainPspnet, prefix: '', weights: coefficientsOf('scrkd', 'pspnet'), temperature: 1 };
}

/** SCRKD of the other networks: on the student's grid, the teacher in eval mode; the official stage order is SegFormer's mistake, a temperature of 2 and the head TransXNet's. */
function scrkdOf(network: string, isOfficial: boolean): Subject {
  const definition = networkNamed(network, isOfficial ? 'official' : 'default')!;
  const { family } = models[definition([64, 64]).model];
  const method = scrkd({ ...defaultOptions, msfdPairing: isOfficial ? 'official' : 'default', dsdTemperature: 'official' });
  return { method, network: definition, prefix: '', weights: coefficientsOf('scrkd', family), temperature: isOfficial && family === 'transxnet' ? 2 : 1 };
}

/** By the name that records have for a method: its title, of KD also the official file's suffix. */
function methodNamed(name: string): MethodName | undefined {
  return name === 'logits' ? 'kd' : methodNames.find((method) => methods[method].title === name);
}

/** A comparison method in its official form, the teacher in eval mode. */
function rivalSubject(network: string, name: string): Subject | undefined {
  const method = methodNamed(name);
  const definition = networkNamed(network);
  if (method === undefined || definition === undefined) return undefined;
  const { family } = models[definition([64, 64]).model];
  const options: MethodOptions = { ...methods[method].presets['official-code'], teacherMode: 'default' };
  return { method: createMethod(method, options), network: definition, prefix: 'student.', weights: coefficientsOf(method, family), temperature: temperatureOf(method, family) };
}

/** @param name without its remark, e.g. `SCRKD5 rule (teacher eval)` or `PSPNet FitNet`; nothing for what is not built. */
export function lossSetting(name: string, record: PrintedObject): LossSetting | undefined {
  const [, rule, mode] = /^(SCRKD5|SCRKD52|SCRKD default) rule \((teacher eval|teacher train-mode, official)\)$/.exec(name) ?? [];
  const [, other, order] = /^(SegFormer|TransXNet|ISAANet) SCRKD (official|fixed|default|\(analysis copy)/.exec(name) ?? [];
  const [, network = '', method = ''] = /^(\w+) (\w+)(?: not official)?$/.exec(name) ?? [];
  const subject = other !== undefined ? scrkdOf(other, order !== 'fixed' && order !== 'default') : rule === undefined ? rivalSubject(network, method) : scrkdSubject(rule, mode === 'teacher eval' ? 'default' : 'official');
  return subject && settingOf(subject, record);
}

/**
 * The official discriminator is in the state dict twice, also as a part of its gradient penalty, and the second name is the one that
 * the records' filling wrote last.
 */
function methodTensors(generator: Generator, specs: readonly ParameterSpec[]): Record<string, HostTensor> {
  const key = (name: string): string => name.replace(/^D_model\./, 'criterion_AdditionalGP.D.');
  const tensors = weightTensors(generator, specs.map((spec) => ({ ...spec, name: key(spec.name) })));
  return Object.fromEntries(specs.map(({ name }) => [name, tensors[key(name)]!]));
}

interface Prepared extends AsyncDisposable {
  readonly step: TrainingStep;
  readonly program: Program;
  readonly initial: Readonly<Record<string, HostTensor>>;
  /** Runs step n (from 1) on the one batch of the record. */
  run(n: number): Promise<Record<string, number>>;
}

async function prepare(engine: Engine, generator: Generator, setting: LossSetting): Promise<Prepared> {
  const { method, network, prefix, student, teacher, batch, learningRate, weightDecay } = setting;
  const step = assembleTrainingStep({ student: network(student), teacher: network(teacher), batchSize: batch, optimizer: { ...optimizer, weightDecay } }, method);
  const teacherWeights = weightTensors(generator, step.teacherParameters, 'teacher.');
  const inputs = step.inputs(teacherWeights);
  const program = await engine.compile(step.step, inputs, { expectedRuns: 1 }); // preparing well takes longer than running
  const own = new Set(createNetwork(network(student)).parameters.map(({ name }) => name));
  const weights = {
    ...weightTensors(generator, step.parameters.filter(({ name }) => own.has(name)), prefix),
    ...methodTensors(generator, step.parameters.filter(({ name }) => !own.has(name))),
  };
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
    temperature: scalar(setting.temperature),
    ...Object.fromEntries(Object.entries(setting.weights).map(([term, weight]) => [`weight/${term}`, scalar(weight)])),
    ...Object.fromEntries(Object.entries(step.noise).map(([name, shape]) => [`noise/${name}`, noiseTensor(generator, name, shape)])),
  };
  return {
    step,
    program,
    initial,
    run: async (n) => {
      const outputs = await program.run({ ...data, biasCorrection1: scalar(1 - optimizer.beta1 ** n), biasCorrection2: scalar(1 - optimizer.beta2 ** n) });
      const terms = [...step.terms, ...step.reportedTerms].map((term) => [term, (setting.weights[term] ?? 1) * Number(outputs[`term/${term}`]!.data[0])] as const);
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

function gradientTolerance(name: string, { network, student, batch }: LossSetting): number {
  const { model, options } = network(student);
  const ofEncoder = createModel(model, options).encoder.owns(name) ? encoderTolerances.find(({ below }) => batch < below) : undefined;
  return ofEncoder?.tolerance ?? GRADIENT_TOLERANCE;
}

/** `mvcd(alpha)` and `dsd*10` name the term before the sign; `feat` is short for `feature`. */
function termOf(key: string, terms: readonly string[]): string | undefined {
  const word = /^[A-Za-z]+/.exec(key)?.[0];
  return word === undefined ? undefined : (terms.find((term) => term === word) ?? terms.find((term) => term.startsWith(word)));
}

/** The value that a record's entry speaks of; a record with one entry beside the supervised loss gives the sum of a method's terms. */
function valueOf(key: string, record: PrintedObject, values: Readonly<Record<string, number>>, weights: Readonly<Record<string, number>>): number | undefined {
  const named = Object.keys(record).filter((each) => isNumber(record[each]) && !notTerms.has(each));
  if (named.length === 1 && key === named[0]) return Object.keys(weights).reduce((total, term) => total + values[term]!, 0);
  const term = termOf(key, Object.keys(values));
  return term === undefined ? undefined : values[term];
}

const notTerms: ReadonlySet<string> = new Set(['sod', 'total', 'batch', 'studentRes', 'teacherRes', 'lr', 'weightDecay', 'discriminator', 'gradientPenalty']);

export async function compareLosses(engine: Engine, generator: Generator, record: PrintedObject, setting: LossSetting): Promise<Comparison[]> {
  await using prepared = await prepare(engine, generator, setting);
  const terms = await prepared.run(1);
  const ofTerms = Object.entries(record).flatMap(([key, expected]) => {
    const value = valueOf(key, record, terms, setting.weights);
    return isNumber(expected) && value !== undefined ? [compare(key, value, expected, termTolerance(engine, key, setting.batch))] : [];
  });
  const gradients = isObject(record.gradNorm) ? record.gradNorm : {};
  const own = (name: string): string => (name.startsWith(setting.prefix) ? name.slice(setting.prefix.length) : name);
  const known = Object.keys(gradients).map(own).filter((name) => `moment1/${name}` in prepared.initial);
  const moments = await prepared.program.readState(known.map((name) => `moment1/${name}`));
  const ofGradients = Object.entries(gradients).map(([name, expected]) => {
    const moment = moments[`moment1/${own(name)}`];
    // After one step from zero the first moment is (1 − β1) times the gradient.
    const value = moment === undefined ? null : norm(moment.data) / (1 - optimizer.beta1);
    const quantity = `|grad ${name}|`;
    return isNumber(expected) ? compare(quantity, value ?? NaN, expected, gradientTolerance(own(name), setting)) : compareAbsent(quantity, value);
  });
  return [...ofTerms, ...ofGradients];
}

/** The same batch in every step: the terms that each step sees, then how far some weights have moved. */
export async function compareAdamw(engine: Engine, generator: Generator, record: PrintedObject): Promise<Comparison[]> {
  await using prepared = await prepare(engine, generator, settingOf(scrkdSubject('SCRKD default', 'default')!, record));
  const columns = listOf(record.columns).map(String);
  const comparisons: Comparison[] = [];
  for (const [index, row] of listOf(record.beforeStep).entries()) {
    const terms = await prepared.run(index + 1);
    for (const [column, expected] of numbersOf(row).entries()) {
      const key = columns[column]!;
      const later = key === 'total' ? LATER_TOTAL_TOLERANCE : LATER_TERM_TOLERANCE;
      comparisons.push(compare(`step ${index} ${key}`, valueOf(key, {}, terms, {}) ?? NaN, expected, index === 0 ? TERM_TOLERANCE : later));
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
