/** What the panel knows and shows: the run, the choices, the pictures' numbers. Views read it and ask it for changes. */
import * as l10n from '@vscode/l10n';
import type { ArmRole, InspectorArm, InspectorQuestion, InspectorAnswer, InspectorSnapshot } from '../../src/protocol/inspector.ts';
import type { CaptureStore} from './capture-store.ts';
import { isGap, type Gap } from './capture-store.ts';
import { clusteredOrder } from './cluster.ts';
import { divergingColours, magnitudeColours, type Colours } from './colour.ts';
import type { ImageStore } from './images.ts';
import { difference, offDiagonalLimits, rangeOf, type Limits, type Plane } from './plane.ts';
import { Ticks, type Scrubbed } from './ticks.ts';
import type { ViewIndex, ViewState } from './view-state.ts';

/** Bytes of packed captures that the panel holds: a hundred epochs of two arms of a full PSPNet. */
export const captureBytes = 320 * 1024 * 1024;

export const viewLetters = ['c', 'h', 'w'] as const;

/** Under the pointer. */
export type Hover =
  | { readonly kind: 'matrix'; readonly stage: number; readonly view: ViewIndex; readonly row: number; readonly column: number }
  /** In the coordinates of the image, from 0 to 1. */
  | { readonly kind: 'point'; readonly x: number; readonly y: number };

/** What came of asking the inspector process. */
export type Asked<T> = { readonly state: 'waiting' } | { readonly state: 'done'; readonly value: T } | { readonly state: 'failed'; readonly message: string };

export interface Actions {
  readonly update: (patch: Partial<ViewState>) => void;
  readonly hover: (hover: Hover | undefined) => void;
  readonly ask: (key: string, question: InspectorQuestion) => Asked<InspectorAnswer>;
  readonly exportNow: () => void;
}

export class Model implements Scrubbed {
  readonly ticks = new Ticks();
  snapshot: InspectorSnapshot;
  state: ViewState;
  hover: Hover | undefined;
  dark = true;
  /** Of the distilled student, as a canvas takes it. */
  dotColour = '';
  readonly #orders = new Map<number, { version: number; order: Uint16Array | undefined }>();
  readonly #limits = new Map<string, { version: number; limits: Limits }>();
  readonly #distances = new Map<string, { version: number; values: ReadonlyMap<number, number> }>();
  readonly #distance = new Map<string, number>();
  readonly #ownLimits = new WeakMap<Plane, Limits>();
  #counted = { version: -1, stages: 0, heads: 0 };

  constructor(
    snapshot: InspectorSnapshot,
    state: ViewState,
    readonly captures: CaptureStore,
    readonly images: ImageStore,
    readonly actions: Actions,
  ) {
    this.snapshot = snapshot;
    this.state = state;
  }

  /** For another sample or operand: nothing derived of the captures holds any more. */
  forget(): void {
    this.#orders.clear();
    this.#limits.clear();
    this.#distances.clear();
    this.#distance.clear();
  }

  get sample(): string | undefined {
    const { samples } = this.snapshot;
    return samples.find(({ id }) => id === this.state.sample)?.id ?? samples[0]?.id;
  }

  get epoch(): number {
    return Math.min(this.state.epoch ?? this.snapshot.done, this.snapshot.done);
  }

  arm(role: ArmRole): InspectorArm | undefined {
    return this.snapshot.arms.find((arm) => arm.role === role);
  }

  /** In the order of the paper: plain student, teacher (and assistant), distilled student. */
  get roles(): ArmRole[] {
    return this.snapshot.arms.map(({ role }) => role);
  }

  get colours(): Colours {
    return magnitudeColours(this.state.map);
  }

  get diverging(): Colours {
    return divergingColours(this.dark);
  }

  get stages(): number {
    return this.#count().stages || 5;
  }

  get heads(): number {
    return this.#count().heads;
  }

  /** Whether every arm's capture of the epoch is there and can be read. */
  isComplete(): boolean {
    return this.isCaptured && this.snapshot.arms.every((arm) => this.captures.isReadable(arm.role, this.epochOf(arm)));
  }

  /** The networks' stages and heads: of the captures, the same at all epochs. */
  #count(): { stages: number; heads: number } {
    const { version } = this.captures;
    if (this.#counted.version === version && this.#counted.stages > 0) return this.#counted;
    const names = this.isCaptured ? this.captures.allNames() : this.#computedNames();
    // Between two samples there are none; the networks are the same.
    if (names.length === 0) return this.#counted;
    const most = (what: string): number => names.reduce((count, name) => Math.max(count, Number(new RegExp(`^${what}([0-9]+)/`).exec(name)?.[1] ?? 0)), 0);
    this.#counted = { version, stages: most('stage'), heads: most('head') };
    return this.#counted;
  }

  /** The epoch under which an arm's capture is kept: frozen networks have one, which holds at every epoch. */
  epochOf(arm: InspectorArm, epoch = this.epoch): number {
    return arm.frozen ? 0 : epoch;
  }

  /** A view of an arm at the epoch, or why there is none. Never that of a neighbouring epoch. */
  plane(role: ArmRole, name: string, epoch = this.epoch): Plane | Gap | undefined {
    const arm = this.arm(role);
    if (arm === undefined) return { problem: 'missing', message: l10n.t('not in this comparison') };
    if (!this.isCaptured) return this.computed(role, name);
    const key = this.epochOf(arm, epoch);
    if (!this.captures.has(role, key)) {
      if (arm.frozen || arm.captured.includes(key)) return undefined;
      return { problem: 'missing', message: l10n.t('not captured at epoch {0}', key) };
    }
    return this.captures.plane(role, key, name) ?? { problem: 'missing', message: l10n.t('not in this capture') };
  }

  /** `D2` of a distilled network, where the loss's operands are wanted and there are any; else the decoder's `F`. */
  operand(role: ArmRole, kind: 'D2' | 'D3', epoch = this.epoch): string {
    const arm = this.arm(role);
    if (role !== 'distilled' || this.state.operand === 'decoder' || arm === undefined) return 'F';
    const probe = kind === 'D2' ? 'stage1/corr_c/D2' : 'stage1/mean/D3';
    return this.captures.hasView(role, this.epochOf(arm, epoch), probe) ? kind : 'F';
  }

  matrixName(role: ArmRole, stage: number, view: ViewIndex, epoch = this.epoch): string {
    return `stage${stage + 1}/corr_${viewLetters[view]}/${this.operand(role, 'D2', epoch)}`;
  }

  matrix(role: ArmRole, stage: number, view: ViewIndex, epoch = this.epoch): Plane | Gap | undefined {
    return this.plane(role, this.matrixName(role, stage, view, epoch), epoch);
  }

  /** a − b, or the gap of one of them. */
  difference(a: Plane | Gap | undefined, b: Plane | Gap | undefined): Plane | Gap | undefined {
    if (a === undefined || isGap(a)) return a;
    if (b === undefined || isGap(b)) return b;
    return difference(a, b);
  }

  /** Of plain student and reference, the same at all epochs, so that scrubbing does not flicker. */
  sharedLimits(stage: number, view: ViewIndex): Limits {
    const key = `${stage}/${view}`;
    const known = this.#limits.get(key);
    if (known !== undefined && known.version === -1) return known.limits;
    const { reference, arms } = this.snapshot;
    const roles: ArmRole[] = reference === undefined ? arms.map(({ role }) => role) : [reference, 'plain'];
    const found = roles.flatMap((role) => {
      const arm = this.arm(role);
      if (arm === undefined) return [];
      const plane = this.matrix(role, stage, view, arm.frozen ? 0 : (arm.captured.at(-1) ?? 0));
      return plane === undefined || isGap(plane) ? [] : [plane];
    });
    const limits = offDiagonalLimits(found);
    // Complete once every arm's matrix is there.
    const complete = found.length === roles.filter((role) => this.arm(role) !== undefined).length;
    this.#limits.set(key, { version: complete ? -1 : this.captures.version, limits });
    return limits;
  }

  limitsOf(plane: Plane, stage: number, view: ViewIndex): Limits {
    return this.#levelled(this.state.scale === 'shared' ? this.sharedLimits(stage, view) : this.#limitsOfItsOwn(plane));
  }

  #limitsOfItsOwn(plane: Plane): Limits {
    const known = this.#ownLimits.get(plane) ?? offDiagonalLimits([plane]);
    this.#ownLimits.set(plane, known);
    return known;
  }

  /** Window/level: limits set by hand, as shares of the automatic ones. */
  #levelled({ low, high }: Limits): Limits {
    const { level } = this.state;
    return level === undefined ? { low, high } : { low: low + level.low * (high - low), high: low + level.high * (high - low) };
  }

  levelled(limits: Limits): Limits {
    return this.#levelled(limits);
  }

  ownLimits(plane: Plane): Limits {
    return this.#levelled(rangeOf(plane));
  }

  /** Channels in clustered order: of the reference, the same in all arms. */
  order(stage: number, view: ViewIndex): Uint16Array | undefined {
    if (view !== 0 || this.state.order === 'index') return undefined;
    const known = this.#orders.get(stage);
    if (known?.order !== undefined) return known.order;
    const role = this.snapshot.reference ?? this.roles[0];
    const plane = role && this.matrix(role, stage, 0);
    if (plane === undefined || isGap(plane)) return undefined;
    const order = clusteredOrder(plane);
    this.#orders.set(stage, { version: 0, order });
    return order;
  }

  /** L1 distances of an arm's matrices to the reference's, by epoch; of the captures that are there so far. */
  distances(role: ArmRole, stage: number, view: ViewIndex): ReadonlyMap<number, number> {
    const key = `${role}/${stage}/${view}`;
    const known = this.#distances.get(key);
    if (known !== undefined && known.version === this.captures.version) return known.values;
    const { reference } = this.snapshot;
    const [arm, target] = [this.arm(role), reference && this.arm(reference)];
    const values = new Map<number, number>();
    if (arm !== undefined && target !== undefined && reference !== undefined) {
      for (const epoch of arm.captured) {
        if (!this.captures.has(role, epoch)) continue;
        const cached = `${key}/${epoch}`;
        let distance = this.#distance.get(cached);
        if (distance === undefined) {
          const name = this.matrixName(role, stage, view, epoch);
          distance = this.captures.distance({ role, epoch, name }, { role: reference, epoch: 0, name: this.matrixName(reference, stage, view, 0) });
          if (distance !== undefined) this.#distance.set(cached, distance);
        }
        if (distance !== undefined) values.set(epoch, distance);
      }
    }
    this.#distances.set(key, { version: this.captures.version, values });
    return values;
  }

  /** The sum of all distances at the epoch, by view: MVCD of this sample. */
  mvcd(role: ArmRole, view: ViewIndex): number {
    let sum = 0;
    for (let stage = 0; stage < this.stages; stage++) sum += this.distances(role, stage, view).get(this.epoch) ?? Number.NaN;
    return sum;
  }

  // ---- what only the inspector process knows ----

  /** An image that a person dropped on the panel; shown until a sample is chosen. */
  dropped: { readonly name: string; readonly bytes: ArrayBuffer } | undefined;

  /** The sample or the dropped image. */
  get shownSample(): string | undefined {
    return this.dropped?.name ?? this.sample;
  }

  get saliencyColours(): Colours {
    return magnitudeColours('grey');
  }

  /** Where an arm's network can be had: at the epoch itself, or the checkpoint that taught. */
  checkpointFor(role: ArmRole): number | undefined {
    const arm = this.arm(role);
    if (arm === undefined) return undefined;
    if (arm.frozen) return 0;
    return arm.checkpoints.includes(this.epoch) ? this.epoch : undefined;
  }

  /** A view of a sample without captures, or of a dropped image, computed by the inspector process. */
  computed(role: ArmRole, name: string): Plane | Gap | undefined {
    const asked = this.#askToCompute(role);
    if (asked === 'no-checkpoint') return { problem: 'missing', message: l10n.t('epoch {0} has no checkpoint; there are {1}', this.epoch, this.arm(role)?.checkpoints.join(', ') ?? '') };
    if (asked === undefined) return undefined;
    if (asked.state === 'waiting') return { problem: 'loading', message: l10n.t('computing…') };
    if (asked.state === 'failed') return { problem: 'unreadable', message: asked.message };
    if (asked.value.kind !== 'capture') return undefined;
    return this.#computedPlane(asked.value.views, name);
  }

  #askToCompute(role: ArmRole): Asked<InspectorAnswer> | 'no-checkpoint' | undefined {
    const { dropped, sample } = this;
    const epoch = this.checkpointFor(role);
    if (epoch === undefined) return 'no-checkpoint';
    if (sample === undefined) return undefined;
    return dropped === undefined
      ? this.actions.ask(`capture-${role} ${sample} ${epoch}`, { kind: 'capture', role, epoch, sample })
      : this.actions.ask(`image-${role} ${dropped.name} ${dropped.bytes.byteLength} ${epoch}`, { kind: 'image', role, epoch, name: dropped.name, bytes: dropped.bytes });
  }

  /** What the networks give for a sample without captures; asked for where nothing is known of them yet. */
  #computedNames(): string[] {
    return this.roles.flatMap((role) => {
      const asked = this.#askToCompute(role);
      return typeof asked === 'object' && asked.state === 'done' && asked.value.kind === 'capture' ? asked.value.views.map(({ name }) => name) : [];
    });
  }

  readonly #computed = new WeakMap<ArrayBuffer, Plane>();

  #computedPlane(views: readonly { name: string; shape: readonly number[]; data: ArrayBuffer }[], name: string): Plane | Gap {
    const view = views.find((other) => other.name === name);
    if (view === undefined) return { problem: 'missing', message: l10n.t('not in this capture') };
    const known = this.#computed.get(view.data);
    if (known !== undefined) return known;
    const sides = view.shape.at(-1) === 1 && view.shape.length > 2 ? view.shape.slice(0, -1) : view.shape;
    const [rows = 1, columns = 1] = sides.slice(-2);
    const plane = { rows, columns, data: new Float32Array(view.data) };
    this.#computed.set(view.data, plane);
    return plane;
  }

  get isCaptured(): boolean {
    return this.dropped === undefined && this.snapshot.samples.find(({ id }) => id === this.sample)?.captured === true;
  }

  saliency(role: ArmRole, epoch = this.epoch): Plane | Gap | undefined {
    return this.plane(role, 'saliency', epoch);
  }

  logit(role: ArmRole, head: number, epoch = this.epoch): Plane | Gap | undefined {
    return this.plane(role, `head${head}/logit`, epoch);
  }

  activation(role: ArmRole, stage: number, epoch = this.epoch): Plane | Gap | undefined {
    return this.plane(role, `stage${stage + 1}/mean/${this.operand(role, 'D3', epoch)}`, epoch);
  }
}
