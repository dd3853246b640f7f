/**
 * Reads Python pickles without running them. A pickle is a program for a small stack machine that may call any function of
 * Python by name; here it can only build containers and ask a `Rebuilder` for the few objects that tensors need. Every other
 * instruction is refused by its name.
 */
import * as l10n from '@vscode/l10n';
import { FormatError } from '../errors.ts';
import { opcodeNames } from './opcodes.ts';
import { isObject, type Pickled, type PickledDict, type PickledGlobal, type PickledTuple } from './pickled.ts';
import type { PickleReader } from './pickle-reader.ts';

/** Makes the objects that a pickle asks for, or refuses them by throwing. */
export interface Rebuilder {
  /** What Python knows as `module.name`. */
  global(module: string, name: string): PickledGlobal;
  /** `callable(*args)`, or an object of a class made without its constructor. */
  call(callable: PickledGlobal, args: readonly Pickled[]): Pickled;
  /** Gives an object its attributes. */
  build(instance: Pickled, state: Pickled): void;
  /** What the file holds outside the pickle. */
  persistent(id: Pickled): Pickled;
}

/** A state dict makes about 25 values a tensor, networks have some thousands of tensors; more would only fill the memory. */
const maxValues = 3_000_000;

/**
 * Reads one pickle; the reader then stands behind it.
 * @throws FormatError `refused` for what a pickle of tensors does not need, `bad-header` for no valid pickle, `truncated`
 */
export function unpickle(reader: PickleReader, rebuilder: Rebuilder): Pickled {
  return new StackMachine(reader, rebuilder).run();
}

class StackMachine {
  readonly #reader: PickleReader;
  readonly #rebuilder: Rebuilder;
  readonly #stack: Pickled[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Pickled>();
  #values = 0;

  constructor(reader: PickleReader, rebuilder: Rebuilder) {
    this.#reader = reader;
    this.#rebuilder = rebuilder;
  }

  run(): Pickled {
    for (;;) {
      const opcode = this.#reader.unsigned(1);
      if (opcode === 0x2e) return this.#pop(); // STOP
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const reader = this.#reader;
    const name = opcodeNames[opcode] ?? `0x${opcode.toString(16)}`;
    const literal = readLiteral(name, reader);
    if (literal !== undefined) {
      this.#push(literal);
      return;
    }
    switch (name) {
      case 'PROTO':
        reader.unsigned(1);
        break;
      case 'FRAME':
        reader.unsigned64();
        break;
      case 'MARK':
        this.#marks.push(this.#stack.length);
        break;
      case 'EMPTY_LIST':
        this.#push({ kind: 'list', items: [] });
        break;
      case 'EMPTY_DICT':
        this.#push({ kind: 'dict', ordered: false, pairs: [] });
        break;
      case 'EMPTY_TUPLE':
        this.#pushTuple([]);
        break;
      case 'TUPLE':
        this.#pushTuple(this.#popToMark());
        break;
      case 'TUPLE1':
        this.#pushTuple(this.#popMany(1));
        break;
      case 'TUPLE2':
        this.#pushTuple(this.#popMany(2));
        break;
      case 'TUPLE3':
        this.#pushTuple(this.#popMany(3));
        break;
      case 'APPEND':
        this.#append(this.#popMany(1));
        break;
      case 'APPENDS':
        this.#append(this.#popToMark());
        break;
      case 'SETITEM':
        this.#setItems(this.#popMany(2));
        break;
      case 'SETITEMS':
        this.#setItems(this.#popToMark());
        break;
      case 'BINPUT':
        this.#remember(reader.unsigned(1));
        break;
      case 'LONG_BINPUT':
        this.#remember(reader.unsigned(4));
        break;
      case 'MEMOIZE':
        this.#remember(this.#memo.size);
        break;
      case 'BINGET':
        this.#recall(reader.unsigned(1));
        break;
      case 'LONG_BINGET':
        this.#recall(reader.unsigned(4));
        break;
      case 'GLOBAL': {
        const module = reader.line();
        this.#push(this.#rebuilder.global(module, reader.line()));
        break;
      }
      case 'STACK_GLOBAL': {
        const [module, member] = this.#popMany(2);
        if (typeof module !== 'string' || typeof member !== 'string') throw this.#invalid(name);
        this.#push(this.#rebuilder.global(module, member));
        break;
      }
      case 'BINPERSID':
        this.#push(this.#rebuilder.persistent(this.#pop()));
        break;
      case 'REDUCE':
      case 'NEWOBJ': {
        const [callable, args] = this.#popMany(2);
        if (!isObject(callable) || callable.kind !== 'global' || !isObject(args) || args.kind !== 'tuple') throw this.#invalid(name);
        this.#push(this.#rebuilder.call(callable, args.items));
        break;
      }
      case 'BUILD': {
        const state = this.#pop();
        this.#rebuilder.build(this.#top(), state);
        break;
      }
      default:
        throw new FormatError('refused', reader.file, l10n.t('its pickle has the instruction {0} at byte {1}, which no file of tensors needs.', name, reader.position - 1));
    }
  }

  #push(value: Pickled): void {
    if (++this.#values > maxValues) throw new FormatError('too-large', this.#reader.file, l10n.t('its pickle makes more than {0} values.', maxValues));
    this.#stack.push(value);
  }

  #pushTuple(items: Pickled[]): void {
    this.#push({ kind: 'tuple', items } satisfies PickledTuple);
  }

  #pop(): Pickled {
    return this.#popMany(1)[0] as Pickled;
  }

  #popMany(count: number): Pickled[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) throw this.#invalid('stack');
    return this.#stack.splice(this.#stack.length - count, count);
  }

  #popToMark(): Pickled[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#invalid('MARK');
    return this.#stack.splice(mark);
  }

  #top(): Pickled {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#invalid('stack');
    return this.#stack.at(-1)!;
  }

  #append(items: readonly Pickled[]): void {
    const list = this.#top();
    if (!isObject(list) || list.kind !== 'list') throw this.#invalid('APPEND');
    for (const item of items) list.items.push(item);
  }

  #setItems(items: readonly Pickled[]): void {
    const dict = this.#top();
    if (!isDict(dict) || items.length % 2 !== 0) throw this.#invalid('SETITEM');
    for (let i = 0; i < items.length; i += 2) dict.pairs.push([items[i]!, items[i + 1]!]);
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#invalid('GET');
    this.#push(value);
  }

  #invalid(where: string): FormatError {
    return new FormatError('bad-header', this.#reader.file, l10n.t('its pickle is damaged ({0} at byte {1}).', where, this.#reader.position));
  }
}

function isDict(value: Pickled): value is PickledDict {
  return isObject(value) && value.kind === 'dict';
}

/** The value of an instruction that only pushes one; undefined for other instructions. */
function readLiteral(name: string, reader: PickleReader): Pickled | undefined {
  switch (name) {
    case 'NONE':
      return null;
    case 'NEWTRUE':
      return true;
    case 'NEWFALSE':
      return false;
    case 'BININT':
      return reader.signed32();
    case 'BININT1':
      return reader.unsigned(1);
    case 'BININT2':
      return reader.unsigned(2);
    case 'LONG1':
      return reader.long(reader.unsigned(1));
    case 'BINFLOAT':
      return reader.float64();
    case 'SHORT_BINSTRING': // Python 2's; the names that PyTorch uses are ASCII
    case 'SHORT_BINUNICODE':
      return reader.text(reader.unsigned(1));
    case 'BINSTRING':
    case 'BINUNICODE':
      return reader.text(reader.unsigned(4));
    default:
      return undefined;
  }
}
