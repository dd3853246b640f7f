/** Saliency maps of all arms with their errors (Figs. 4-6, 8): threshold, swipe, per-image scores, ranking. */
import * as l10n from '@vscode/l10n';
import { html, nothing, svg, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { ArmRole, SampleScores } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { select, slider } from './controls.ts';
import './map-element.ts';
import type { Picture, Window } from './painting.ts';
import type { Model } from './model.ts';
import { planeId, type Plane } from './plane.ts';
import { bitmapOf, errorPicture, errorTitle, imagePicture, maskFor, truthPicture, truthSize, windowKey } from './sample-pictures.ts';
import { curvePoints, fCurve, imageScores, scoresAt } from './saliency-scores.ts';
import { drawBackdrop, drawContour, drawOverlay } from './scenes.ts';
import type { Scene } from './scene-element.ts';
import './swipe.ts';
import { pointTable } from './place.ts';
import { armName, fixed, metric, signed } from './text.ts';
import type { ViewState } from './view-state.ts';
import { panAndZoom } from './zoom.ts';

/** Share of the image's side that an inset shows. */
const insetSize = 0.2;

export function saliencyView(model: Model, width: 'wide' | 'medium' | 'narrow'): TemplateResult {
  const { roles, state } = model;
  const maps = new Map(roles.map((role) => [role, model.saliency(role)]));
  const sample = model.shownSample;
  const inset = insetWindow(model, maps);
  return html`<div class="saliency">
    <div class="scroll main" ${panAndZoom(model)}>
      <div class="maps arms-${roles.length} ${width}">
        ${figure('picture', l10n.t('Image'), sample ?? '', imagePicture(model), inset, model)}
        ${figure('truth', l10n.t('Ground truth'), truthSize(model), truthPicture(model), inset, model)}
        ${roles.map((role) => figure(`map-${role}`, armTitle(model, role), scoreText(model, role, maps.get(role)), html`<scrkd-map .pictureAt=${(epoch: number) => mapPicture(model, model.saliency(role, epoch), state.window)} .picture=${mapPicture(model, maps.get(role), state.window)} aria-label=${l10n.t('Saliency map, {0}', armName(role))}></scrkd-map>`, inset, model))}
        ${swipe(model, maps)}
        ${roles.map((role) => errors(model, role, maps.get(role), inset))}
        ${roles.map((role) => insetFigure(model, role, maps.get(role), inset))}
      </div>
    </div>
    ${side(model, maps)}
  </div>`;
}

type Maps = ReadonlyMap<ArmRole, Plane | Gap | undefined>;

function figure(place: string, title: string, note: string | TemplateResult, picture: TemplateResult, inset: Window | undefined, model: Model): TemplateResult {
  const { window } = model.state;
  const frame = inset === undefined || place === 'inset' ? nothing : html`<i class="inset-frame" .style=${`left:${(100 * (inset.x - window.x)) / window.size}%;top:${(100 * (inset.y - window.y)) / window.size}%;width:${(100 * inset.size) / window.size}%;height:${(100 * inset.size) / window.size}%`}></i>`;
  return html`<figure class=${place}>
    <figcaption><span>${title}</span><span class="caption">${note}</span></figcaption>
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

function scoreText(model: Model, role: ArmRole, map: Plane | Gap | undefined): string {
  const scores = scoresOf(model, map);
  return scores === undefined ? '' : `MAE ${fixed(scores.mae, 3)}`;
}

function scoresOf(model: Model, map: Plane | Gap | undefined) {
  if (map === undefined || isGap(map)) return undefined;
  const mask = maskFor(model, map);
  return mask && imageScores(map, mask.data);
}

export function mapPicture(model: Model, plane: Plane | Gap | undefined, window: Window): Picture | Gap | undefined {
  if (plane === undefined || isGap(plane)) return plane;
  return { plane, ...model.levelled({ low: 0, high: 1 }), colours: model.saliencyColours, order: undefined, window };
}

function errors(model: Model, role: ArmRole, map: Plane | Gap | undefined, inset: Window | undefined): TemplateResult {
  const { picture, counts } = errorPicture(model, role, map);
  const palette = model.state.errors;
  const note = counts === undefined ? '' : html`<i class="swatch fp ${palette}"></i>${counts.falsePositives} <i class="swatch fn ${palette}"></i>${counts.missed} px`;
  return figure(`error-${role}`, errorTitle(role), note, picture, counts === undefined ? undefined : inset, model);
}

/** Where the pointer is; before that, where the plain student is most wrong. */
function insetWindow(model: Model, maps: Maps): Window | undefined {
  const { hover } = model;
  const { window } = model.state;
  const size = insetSize * window.size;
  const around = (x: number, y: number): Window => ({ x: Math.min(1 - size, Math.max(0, x - size / 2)), y: Math.min(1 - size, Math.max(0, y - size / 2)), size });
  if (hover?.kind === 'point') return around(hover.x, hover.y);
  const map = maps.get('plain') ?? maps.get('distilled');
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

function insetFigure(model: Model, role: ArmRole, map: Plane | Gap | undefined, inset: Window | undefined): TemplateResult {
  const mask = map === undefined || isGap(map) ? undefined : maskFor(model, map);
  const picture = map !== undefined && isGap(map) ? map : inset === undefined ? undefined : mapPicture(model, map, inset);
  const centre = map === undefined || isGap(map) || inset === undefined ? undefined : map.data[Math.floor((inset.y + inset.size / 2) * map.rows) * map.columns + Math.floor((inset.x + inset.size / 2) * map.columns)];
  const contour: Scene | undefined = mask && inset && { key: `${model.shownSample ?? ''} ${mask.width} ${windowKey(inset)}`, draw: (context, width, height) => drawContour(context, mask, inset, width, height) };
  return html`<figure class="inset-${role}">
    <figcaption><span>${armName(role)}</span><span class="caption">${fixed(centre, 3)}</span></figcaption>
    <div class="cell"><scrkd-map .picture=${picture} aria-label=${l10n.t('Detail, {0}: {1} in the middle', armName(role), fixed(centre, 3))}></scrkd-map>${contour === undefined ? nothing : html`<scrkd-scene class="over" role="presentation" .scene=${contour}></scrkd-scene>`}</div>
  </figure>`;
}

function swipe(model: Model, maps: Maps): TemplateResult {
  const { swipe: choice, window } = model.state;
  const has = (role: ArmRole): boolean => maps.has(role);
  const left = has(choice.left) ? choice.left : model.roles[0]!;
  const right = has(choice.right) ? choice.right : model.roles.at(-1)!;
  const bitmap = bitmapOf(model);
  const scene = (role: ArmRole): Scene => {
    const map = maps.get(role);
    const plane = map === undefined || isGap(map) ? undefined : map;
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
    <figcaption><span>${l10n.t('Swipe')} <span class="caption">${l10n.t('drag, ← →, B exchanges')}</span></span><span class="caption">${l10n.t('yellow line: ground truth')}</span></figcaption>
    <scrkd-swipe .at=${choice.at} .left=${scene(left)} .right=${scene(right)} .leftName=${name(left)} .rightName=${name(right)} @moved=${(event: CustomEvent<number>) => model.actions.update({ swipe: { left, right, at: event.detail } })}></scrkd-swipe>
  </figure>`;
}

// ---- side column ----

function side(model: Model, maps: Maps): TemplateResult {
  const { threshold } = model.state;
  const rows = model.roles.map((role) => {
    const map = maps.get(role);
    if (map === undefined || isGap(map)) return { role };
    const mask = maskFor(model, map);
    if (mask === undefined) return { role };
    return { role, at: scoresAt(map, mask.data, threshold), image: imageScores(map, mask.data), curve: fCurve(map, mask.data) };
  });
  const best = (values: readonly (number | undefined)[], smallest: boolean): ((value: number | undefined) => string) => {
    const found = values.filter((value) => value !== undefined);
    const extreme = smallest ? Math.min(...found) : Math.max(...found);
    return (value) => (found.length > 1 && value === extreme ? 'best' : '');
  };
  const students = rows.filter(({ role }) => role !== 'teacher' && role !== 'assistant');
  const bestOf = (pick: (row: (typeof rows)[number]) => number | undefined, smallest = false) => best(students.map(pick), smallest);
  return html`<aside class="side" aria-label=${l10n.t('Scores')}><div class="inner">
    <div class="threshold">
      <h2>${l10n.t('Threshold')}</h2>
      ${slider({ label: l10n.t('Threshold of the saliency'), min: 0, max: 1, step: 0.01, value: threshold, text: fixed(threshold, 2) }, (value) => model.actions.update({ threshold: value }))}
      <span>${fixed(threshold, 2)}</span>
    </div>
    ${thresholdCurves(rows, threshold)}
    ${pointTable(model, model.snapshot.reference && maps.get(model.snapshot.reference), maps.get(model.roles.at(-1)!))}
    <table class="scores at-threshold">
      <thead><tr><th scope="col">${l10n.t('at threshold')}</th><th scope="col">P</th><th scope="col">R</th><th scope="col">F<sub>β</sub></th><th scope="col">IoU</th></tr></thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr data-role=${row.role} class=${isStudent(row.role) ? '' : 'reference'}><th scope="row"><i class="key ${row.role}"></i>${armName(row.role)}</th>${(['precision', 'recall', 'f', 'iou'] as const).map((name) => html`<td class=${isStudent(row.role) ? bestOf(({ at }) => at?.[name])(row.at?.[name]) : ''}>${fixed(row.at?.[name], 3)}</td>`)}</tr>`,
        )}
      </tbody>
    </table>
    <table class="scores of-image">
      <thead><tr><th scope="col">${l10n.t('this image')}</th><th scope="col">MAE</th><th scope="col">max F</th><th scope="col">S</th></tr></thead>
      <tbody>
        ${rows.map(
          ({ role, image }) => html`<tr data-role=${role}><th scope="row"><i class="key ${role}"></i>${armName(role)}</th>${(['mae', 'maxF', 's'] as const).map((name) => html`<td class=${isStudent(role) ? bestOf((row) => row.image?.[name], name === 'mae')(image?.[name]) : ''}>${metric(image?.[name])}</td>`)}</tr>`,
        )}
      </tbody>
    </table>
    ${ranking(model)}
  </div></aside>`;
}

function isStudent(role: ArmRole): boolean {
  return role === 'plain' || role === 'distilled';
}

function thresholdCurves(rows: readonly { role: ArmRole; curve?: readonly number[] }[], threshold: number): TemplateResult {
  const path = (curve: readonly number[]): string => curve.map((value, i) => `${i === 0 ? 'M' : 'L'}${((1000 * i) / (curvePoints - 1)).toFixed(1)} ${(96 - 92 * value).toFixed(2)}`).join('');
  return html`<div class="profile curves" role="img" aria-label=${l10n.t('F-measure over thresholds, in all arms')}>
    <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
      <line class="grid" x1="0" x2="1000" y1="4" y2="4" /><line class="grid" x1="0" x2="1000" y1="50" y2="50" /><line class="axis" x1="0" x2="1000" y1="96" y2="96" />
      ${rows.map(({ role, curve }) => (curve === undefined ? nothing : svg`<path class=${role} d=${path(curve)} />`))}
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

/** The scores that the view says of an epoch, computed beforehand. */
export function prepareScores(model: Model, epoch: number): void {
  for (const role of model.roles) {
    const map = model.saliency(role, epoch);
    const mask = map === undefined || isGap(map) ? undefined : maskFor(model, map);
    if (map === undefined || isGap(map) || mask === undefined) continue;
    imageScores(map, mask.data);
    fCurve(map, mask.data);
  }
}
