/** A file of reference numbers: `modelForward` and `lossesAndGradients` (name → record), `adamwDefaultRule`, or one of the two published forms. */
import type { NetworkDefinition } from '../../src/distillation/network.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Grid } from '../../src/nn/resize.ts';
import { type RecordReport } from './comparison.ts';
import { compareForward, forwardTensors } from './forward-record.ts';
import type { Generator } from './generator.ts';
import { compareAdamw, compareLosses, lossSetting } from './loss-record.ts';
import { forwardSubject } from './networks.ts';
import { isNumber, isObject, numbersOf, parsePrintedJson, type PrintedJson, type PrintedObject } from './printed-json.ts';

const DEFAULT_SIDE = 64;

interface Records {
  readonly meta: PrintedObject;
  readonly forward: PrintedObject;
  readonly losses: PrintedObject;
  readonly adamw: PrintedObject;
}

const objectOf = (json: PrintedJson | undefined): PrintedObject => (isObject(json) ? json : {});
const only = (records: PrintedObject, keep: (name: string, record: PrintedObject) => boolean): PrintedObject =>
  Object.fromEntries(Object.entries(records).filter(([name, record]) => isObject(record) && keep(name, record)));

function sort(file: PrintedObject): Records {
  const meta = objectOf(file.meta);
  const adamw = only(file, (name) => name.startsWith('adamw'));
  if ('modelForward' in file || 'lossesAndGradients' in file || Object.keys(adamw).length > 0) {
    return { meta, forward: objectOf(file.modelForward), losses: objectOf(file.lossesAndGradients), adamw };
  }
  return { meta, forward: only(file, (_, record) => 'shapeNCHW' in record), losses: only(file, (_, record) => 'gradNorm' in record || 'total' in record), adamw };
}

/** A name without its remark. */
const plainName = (name: string): string => name.split(' @')[0]!;

function forwardGrid(record: PrintedObject, meta: PrintedObject): Grid {
  const candidates = [objectOf(record.sizes).fwd, objectOf(objectOf(record.meta).sizes).fwd, objectOf(meta.sizes).fwd];
  const [height = DEFAULT_SIDE, width = height] = candidates.map((json) => (isNumber(json) ? [json.value] : numbersOf(json).map(({ value }) => value))).find((sides) => sides.length > 0) ?? [];
  return [height, width];
}

/** One pass serves all records of one network and size. */
async function* forwardReports(engine: Engine, generator: Generator, records: PrintedObject, meta: PrintedObject): AsyncGenerator<RecordReport> {
  const groups = new Map<string, { definition: NetworkDefinition; batch: number; members: { name: string; quantity: string }[] }>();
  for (const [name, json] of Object.entries(records)) {
    const record = objectOf(json);
    const network = plainName(name).split('.')[0]!;
    const subject = forwardSubject(network, plainName(name).slice(network.length + 1), forwardGrid(record, meta));
    if (subject === undefined) {
      yield { record: name, isAvailable: false, comparisons: [] };
      continue;
    }
    const batch = isNumber(record.batch) ? record.batch.value : 1;
    const key = JSON.stringify([subject.definition, batch]);
    const group = groups.get(key) ?? { definition: subject.definition, batch, members: [] };
    group.members.push({ name, quantity: subject.quantity });
    groups.set(key, group);
  }
  for (const { definition, batch, members } of groups.values()) {
    const tensors = await forwardTensors(engine, generator, definition, members.map(({ quantity }) => quantity), batch);
    for (const { name, quantity } of members) {
      const tensor = tensors[quantity];
      yield { record: name, isAvailable: tensor !== undefined, comparisons: tensor === undefined ? [] : compareForward(objectOf(records[name]), tensor) };
    }
  }
}

export interface ParityOptions {
  /** Put before every generator key, after the file's own. */
  readonly salt?: string;
  /** Only records whose name is or starts with this. */
  readonly only?: string;
}

/**
 * Every record of the file against this project's numbers.
 * @throws {SyntaxError} when the text is no JSON.
 */
export async function* compareFile(engine: Engine, text: string, { salt, only: chosen }: ParityOptions = {}): AsyncGenerator<RecordReport> {
  const { meta, forward, losses, adamw } = sort(objectOf(parsePrintedJson(text)));
  const generator: Generator = { salt: salt ?? (typeof meta.salt === 'string' ? meta.salt : '') };
  const isChosen = (name: string): boolean => chosen === undefined || name === chosen || plainName(name) === chosen || name.startsWith(chosen);
  yield* forwardReports(engine, generator, only(forward, isChosen), meta);
  for (const [name, json] of Object.entries(only(losses, isChosen))) {
    const record = objectOf(json);
    const setting = lossSetting(plainName(name), record);
    yield { record: name, isAvailable: setting !== undefined, comparisons: setting === undefined ? [] : await compareLosses(engine, generator, record, setting) };
  }
  for (const [name, json] of Object.entries(only(adamw, isChosen))) {
    const isAvailable = plainName(name) === 'adamwDefaultRule';
    yield { record: name, isAvailable, comparisons: isAvailable ? await compareAdamw(engine, generator, objectOf(json)) : [] };
  }
}
