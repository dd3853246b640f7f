/** Saliency maps of all arms with their errors (Figs. 4-6, 8): threshold, swipe, per-image scores, ranking. */
import * as l10n from '@vscode/l10n';
import { html, nothing, svg, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { ImageScores } from '../../src/metrics/metrics.ts';
import type { ArmRole, SampleScores } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { select, slider } from './controls.ts';
import { number } from './number.ts';
import './sheet.ts';
import './map-element.ts';
import type { PictureAt } from './map-element.ts';
import type { Picture, Window } from './painting.ts';
import type { Model } from './model.ts';
import { planeId, valueAt, type Plane } from './plane.ts';
import { bitmapOf, errorPicture, imagePicture, maskFor, truthPicture, truthSize, windowKey } from './sample-pictures.ts';
import { curvePoints, errorClasses, fCurve, imageScores, scoresAt, type ThresholdScores } from './saliency-scores.ts';
import { drawBackdrop, drawContour, drawOverlay, errorCells, overlayCells } from './scenes.ts';
import type { Scene } from './scene-element.ts';
import './swipe.ts';
import { pointTable } from './place.ts';
import { armName, fixed, metric, signed } from './text.ts';
import { atRest, now, onceAStep } from './ticks.ts';
import type { ViewState } from './view-state.ts';
import { panAndZoom } from './zoom.ts';

/** Share of the image's side that an inset shows. */
const insetSize = 0.2;

export function saliencyView(model: Model, width: 'wide' | 'medium' | 'narrow'): TemplateResult {
  const { roles, state } = model;
  const sample = model.shownSample;
  const inset = insetWindow(model);
  return html`<div class="saliency">
    <div class="scroll main" ${panAndZoom(model)}><scrkd-sheet>
      <div class="maps arms-${roles.length} ${width}">
        ${figure('picture', l10n.t('Image'), sample ?? '', imagePicture(model), inset, model)}
        ${figure('truth', l10n.t('Ground truth'), truthSize(model), truthPicture(model), inset, model)}
        ${roles.map((role) => figure(`map-${role}`, armTitle(model, role), now(model, () => scoreText(model, role)), shownMap(model, (epoch) => mapPicture(model, model.saliency(role, epoch), state.window), l10n.t('Saliency map, {0}', armName(role))), inset, model))}
        ${swipe(model)}
        ${roles.map((role) => errors(model, role, inset))}
        ${roles.map((role) => insetFigure(model, role, inset))}
      </div>
    </scrkd-sheet></div>
    ${side(model)}
  </div>`;
}

function shownMap(model: Model, pictureAt: PictureAt, label: unknown): TemplateResult {
  return html`<scrkd-map .pictureAt=${pictureAt} .picture=${pictureAt(model.epoch)} aria-label=${label}></scrkd-map>`;
}

/** The map itself; undefined where there is none to be had. */
function planeOf(model: Model, role: ArmRole): Plane | undefined {
  const map = model.roles.includes(role) ? model.saliency(role) : undefined;
  return map === undefined || isGap(map) ? undefined : map;
}

function figure(place: string, title: string, note: unknown, picture: unknown, inset: Window | undefined, model: Model): TemplateResult {
  const { window } = model.state;
  const frame = inset === undefined || place === 'inset' ? nothing : html`<i class="inset-frame" .style=${`left:${(100 * (inset.x - window.x)) / window.size}%;top:${(100 * (inset.y - window.y)) / window.size}%;width:${(100 * inset.size) / window.size}%;height:${(100 * inset.size) / window.size}%`}></i>`;
  return html`<figure class=${place}>
    <figcaption><span>${title}</span><span class="caption note"><span>${note}</span></span></figcaption>
    <div class="cell" @pointermove=${(event: PointerEvent) => onPoint(model, event)} @pointerleave=${() => model.actions.hover(undefined)}>${picture}${frame}</div>
  </figure>`;
}

function onPoint(model: Model, event: PointerEvent): void {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const { window } = model.state;
  model.actions.hover({ kind: 'point', x: window.x + ((event.clientX - box.left) / box.width) * window.size, y: window.y + ((event.clientY - box.top) / box.height) * window.size });
}

function armTitle(model: Model, role: ArmRole): string {
  const arm = model.arm(role);
  return arm === undefined || arm.width === 0 ? armName(role) : `${armName(role)} ${arm.width}`;
}

function scoreText(model: Model, role: ArmRole): string {
  const map = planeOf(model, role);
  const mask = map && maskFor(model, map);
  const scores = map && mask && imageScores(map, mask.data);
  return scores === undefined ? '' : `MAE ${fixed(scores.mae, 3)}`;
}

export function mapPicture(model: Model, plane: Plane | Gap | undefined, window: Window): Picture | Gap | undefined {
  if (plane === undefined || isGap(plane)) return plane;
  return { plane, ...model.levelled({ low: 0, high: 1 }), colours: model.saliencyColours, order: undefined, window };
}

function errors(model: Model, role: ArmRole, inset: Window | undefined): TemplateResult {
  const errors = onceAStep(model, () => errorPicture(model, role, model.saliency(role)));
  const palette = model.state.errors;
  const note = errors().counts === undefined ? '' : html`<i class="swatch fp ${palette}"></i>${now(model, () => errors().counts?.falsePositives)} <i class="swatch fn ${palette}"></i>${now(model, () => errors().counts?.missed)} px`;
  // Under or beside the map of its arm, which says whose it is.
  return figure(`error-${role}`, l10n.t('Error'), note, now(model, () => errors().picture), errors().counts === undefined ? undefined : inset, model);
}

/** Where the pointer is; before that, where the plain student is most wrong in the end, so that it stays while one scrubs. */
function insetWindow(model: Model): Window | undefined {
  const { hover } = model;
  const { window } = model.state;
  const size = insetSize * window.size;
  const around = (x: number, y: number): Window => ({ x: Math.min(1 - size, Math.max(0, x - size / 2)), y: Math.min(1 - size, Math.max(0, y - size / 2)), size });
  if (hover?.kind === 'point') return around(hover.x, hover.y);
  const role = model.arm('plain') === undefined ? 'distilled' : 'plain';
  const map = model.saliency(role, model.arm(role)?.captured.at(-1));
  if (map === undefined || isGap(map)) return undefined;
  const mask = maskFor(model, map);
  if (mask === undefined) return undefined;
  return around(...worst(map, mask.data));
}

const worstPlaces = new WeakMap<Plane, [number, number]>();

/** The centre of the tenth of the image with the largest error. */
function worst(map: Plane, mask: Uint8Array): [x: number, y: number] {
  const known = worstPlaces.get(map);
  if (known !== undefined) return known;
  const parts = 10;
  const sums = new Float64Array(parts * parts);
  for (let row = 0; row < map.rows; row++) {
    for (let column = 0; column < map.columns; column++) {
      const i = row * map.columns + column;
      sums[Math.floor((row * parts) / map.rows) * parts + Math.floor((column * parts) / map.columns)]! += Math.abs(map.data[i]! - mask[i]! / 255);
    }
  }
  const at = sums.indexOf(Math.max(...sums));
  const place: [number, number] = [((at % parts) + 0.5) / parts, (Math.floor(at / parts) + 0.5) / parts];
  worstPlaces.set(map, place);
  return place;
}

function insetFigure(model: Model, role: ArmRole, inset: Window | undefined): TemplateResult {
  const map = planeOf(model, role);
  const mask = map && maskFor(model, map);
  const pictureAt: PictureAt = (epoch) => {
    const at = model.saliency(role, epoch);
    return at !== undefined && isGap(at) ? at : inset && mapPicture(model, at, inset);
  };
  const centre = (): string => {
    const at = planeOf(model, role);
    return fixed(at && inset && valueAt(at, Math.floor((inset.y + inset.size / 2) * at.rows), Math.floor((inset.x + inset.size / 2) * at.columns)), 3);
  };
  const contour: Scene | undefined = mask && inset && { key: `${model.shownSample ?? ''} ${mask.width} ${windowKey(inset)}`, draw: (context, width, height) => drawContour(context, mask, inset, width, height) };
  return html`<figure class="inset-${role}">
    <figcaption><span>${armName(role)}</span><span class="caption note"><span>${now(model, centre)}</span></span></figcaption>
    <div class="cell">${shownMap(model, pictureAt, atRest(model, () => l10n.t('Detail, {0}: {1} in the middle', armName(role), centre())))}${contour === undefined ? nothing : html`<scrkd-sheet class="over"><scrkd-scene role="presentation" .scene=${contour}></scrkd-scene></scrkd-sheet>`}</div>
  </figure>`;
}

function swipe(model: Model): TemplateResult {
  const { swipe: choice, blinking, window } = model.state;
  const has = (role: ArmRole): boolean => model.roles.includes(role);
  const left = has(choice.left) ? choice.left : model.roles[0]!;
  const right = has(choice.right) ? choice.right : model.roles.at(-1)!;
  const bitmap = bitmapOf(model);
  const scene = (role: ArmRole): Scene => {
    const plane = planeOf(model, role);
    const mask = plane && maskFor(model, plane);
    return {
      key: `${role} ${plane === undefined ? '' : planeId(plane)} ${bitmap === undefined ? '' : 'image'} ${mask === undefined ? '' : 'mask'} ${windowKey(window)}`,
      draw: (context, width, height) => {
        drawBackdrop(context, bitmap, window, width, height, 0.75);
        if (plane !== undefined) drawOverlay(context, plane, window, width, height);
        if (mask !== undefined) drawContour(context, mask, window, width, height);
      },
    };
  };
  const name = (role: ArmRole): string => (model.arm(role)?.frozen === true ? armName(role) : `${armName(role)} · ${l10n.t('epoch {0}', model.epoch)}`);
  return html`<figure class="swipe-figure">
    <figcaption>
      <span>${l10n.t('Swipe')}</span>
      <button class="link caption" aria-pressed=${blinking} title=${l10n.t('Show both arms in turn (Shift+B)')} @click=${() => model.actions.update({ blinking: !blinking })}>${blinking ? l10n.t('Stop blinking') : l10n.t('Blink')}</button>
      <span class="caption hint">${l10n.t('drag, ← →, B exchanges')}</span>
      <span class="caption">${l10n.t('yellow line: ground truth')}</span>
    </figcaption>
    <scrkd-swipe .at=${choice.at} .blinking=${blinking} .left=${now(model, () => scene(left))} .right=${now(model, () => scene(right))} .leftName=${now(model, () => name(left))} .rightName=${now(model, () => name(right))} @moved=${(event: CustomEvent<number>) => model.actions.update({ swipe: { left, right, at: event.detail } })}></scrkd-swipe>
  </figure>`;
}

// ---- side column ----

interface Scores {
  readonly role: ArmRole;
  readonly at?: ThresholdScores;
  readonly image?: ImageScores | undefined;
  readonly curve?: readonly number[];
}

function side(model: Model): TemplateResult {
  const { threshold } = model.state;
  const rows = onceAStep(model, (): readonly Scores[] =>
    model.roles.map((role) => {
      const map = planeOf(model, role);
      const mask = map && maskFor(model, map);
      return map === undefined || mask === undefined ? { role } : { role, at: scoresAt(map, mask.data, threshold), image: imageScores(map, mask.data), curve: fCurve(map, mask.data) };
    }),
  );
  const scoresOf = (role: ArmRole): Scores => rows().find((row) => row.role === role)!;
  const best = (values: readonly (number | undefined)[], smallest: boolean): ((value: number | undefined) => string) => {
    const found = values.filter((value) => value !== undefined);
    const extreme = smallest ? Math.min(...found) : Math.max(...found);
    return (value) => (found.length > 1 && value === extreme ? 'best' : '');
  };
  /** Of the students' values: a teacher's are not what they compete with. */
  const cell = (role: ArmRole, pick: (row: Scores) => number | undefined, text: (value: number | undefined) => string, smallest = false): TemplateResult => {
    const look = (): string => (isStudent(role) ? best(rows().filter((row) => isStudent(row.role)).map(pick), smallest)(pick(scoresOf(role))) : '');
    return html`<td class=${now(model, look)}>${number(model, () => text(pick(scoresOf(role))))}</td>`;
  };
  return html`<aside class="side" aria-label=${l10n.t('Scores')}><div class="inner">
    <div class="threshold">
      <h2>${l10n.t('Threshold')}</h2>
      ${slider({ label: l10n.t('Threshold of the saliency'), min: 0, max: 1, step: 0.01, value: threshold, text: fixed(threshold, 2) }, (value) => model.actions.update({ threshold: value }))}
      <span>${fixed(threshold, 2)}</span>
    </div>
    ${now(model, () => thresholdCurves(rows(), threshold))}
    ${pointTable(model, model.snapshot.reference && model.saliency(model.snapshot.reference), model.saliency(model.roles.at(-1)!))}
    <table class="scores at-threshold">
      <thead><tr><th scope="col">${l10n.t('at threshold')}</th><th scope="col">P</th><th scope="col">R</th><th scope="col">F<sub>β</sub></th><th scope="col">IoU</th></tr></thead>
      <tbody>
        ${model.roles.map(
          (role) => html`<tr data-role=${role} class=${isStudent(role) ? '' : 'reference'}><th scope="row"><i class="key ${role}"></i>${armName(role)}</th>${(['precision', 'recall', 'f', 'iou'] as const).map((name) => cell(role, ({ at }) => at?.[name], (value) => fixed(value, 3)))}</tr>`,
        )}
      </tbody>
    </table>
    <table class="scores of-image">
      <thead><tr><th scope="col">${l10n.t('this image')}</th><th scope="col">MAE</th><th scope="col">max F</th><th scope="col">S</th></tr></thead>
      <tbody>
        ${model.roles.map(
          (role) => html`<tr data-role=${role}><th scope="row"><i class="key ${role}"></i>${armName(role)}</th>${(['mae', 'maxF', 's'] as const).map((name) => cell(role, ({ image }) => image?.[name], metric, name === 'mae'))}</tr>`,
        )}
      </tbody>
    </table>
    ${ranking(model)}
  </div></aside>`;
}

function isStudent(role: ArmRole): boolean {
  return role === 'plain' || role === 'distilled';
}

const curvePaths = new WeakMap<readonly number[], string>();

function curvePath(curve: readonly number[]): string {
  const known = curvePaths.get(curve) ?? curve.map((value, i) => `${i === 0 ? 'M' : 'L'}${((1000 * i) / (curvePoints - 1)).toFixed(1)} ${(96 - 92 * value).toFixed(2)}`).join('');
  curvePaths.set(curve, known);
  return known;
}

function thresholdCurves(rows: readonly Scores[], threshold: number): TemplateResult {
  return html`<div class="profile curves" role="img" aria-label=${l10n.t('F-measure over thresholds, in all arms')}>
    <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
      <line class="grid" x1="0" x2="1000" y1="4" y2="4" /><line class="grid" x1="0" x2="1000" y1="50" y2="50" /><line class="axis" x1="0" x2="1000" y1="96" y2="96" />
      ${rows.map(({ role, curve }) => (curve === undefined ? nothing : svg`<path class=${role} d=${curvePath(curve)} />`))}
    </svg>
    <i class="now" .style=${`left:${100 * threshold}%`}></i>
    <span class="caption top">1</span><span class="caption bottom">0</span><span class="caption name">F<sub>β</sub></span>
  </div>`;
}

const maxRanked = 200;

function ranking(model: Model): TemplateResult {
  const { state, snapshot } = model;
  if (model.arm('plain') === undefined || model.arm('distilled') === undefined) return html``;
  const asked = model.actions.ask(`scores ${snapshot.run}`, { kind: 'scores' });
  const choice = select(l10n.t('Ranked by'), [{ value: 'maxF', label: 'Δ max F' }, { value: 'mae', label: 'Δ MAE' }, { value: 's', label: 'Δ S' }], state.ranking, (by: ViewState['ranking']) => model.actions.update({ ranking: by }));
  const head = html`<div class="title"><h2>${l10n.t('Effect of distillation')}</h2>${choice}</div>`;
  if (asked.state === 'waiting') return html`${head}<p class="caption">${l10n.t('Reading the final predictions…')}</p>`;
  if (asked.state === 'failed') return html`${head}<p class="caption">${asked.message}</p>`;
  if (asked.value.kind !== 'scores') return html``;
  const { scores } = asked.value;
  return html`${head}
    <p class="caption">${l10n.t('{0} test samples, final predictions; better to the right', scores.length)}</p>
    <div class="ranking" role="list">${guard([scores, state.ranking, model.sample], () => ranked(model, scores))}</div>`;
}

/** Where distillation helped most first, where it hurt most last. */
function ranked(model: Model, scores: readonly SampleScores[]): TemplateResult[] {
  const { ranking: by } = model.state;
  const gain = ({ plain, distilled }: SampleScores): number => (by === 'mae' ? plain.mae - distilled.mae : distilled[by] - plain[by]);
  const sorted = [...scores].sort((a, b) => gain(b) - gain(a));
  // Both ends of a long list: its middle is where nothing happened.
  const shown = sorted.length <= maxRanked ? sorted : [...sorted.slice(0, maxRanked / 2), ...sorted.slice(-maxRanked / 2)];
  const largest = Math.max(1e-9, ...shown.map((each) => Math.abs(gain(each))));
  return shown.map((each) => {
    const value = gain(each);
    const share = (50 * Math.abs(value)) / largest;
    return html`<button role="listitem" class=${each.sample === model.sample ? 'current' : ''} @click=${() => model.actions.update({ sample: each.sample })}>
      <span class="id">${each.sample}</span>
      <span class="bar"><i class=${value < 0 ? 'worse' : 'better'} .style=${value < 0 ? `right:50%;width:${share}%` : `left:50%;width:${share}%`}></i></span>
      <span class="value">${signed(by === 'mae' ? -value : value, 3)}</span>
    </button>`;
  });
}

/** What the view says and draws of an epoch, worked out beforehand. */
export function prepareScores(model: Model, epoch: number): void {
  for (const role of model.roles) {
    const map = model.saliency(role, epoch);
    const mask = map === undefined || isGap(map) ? undefined : maskFor(model, map);
    if (map === undefined || isGap(map) || mask === undefined) continue;
    imageScores(map, mask.data);
    curvePath(fCurve(map, mask.data));
    scoresAt(map, mask.data, model.state.threshold);
    errorCells({ map, threshold: model.state.threshold, ...errorClasses(map, mask.data, model.state.threshold) }, model.state.errors);
    overlayCells(map);
  }
}
