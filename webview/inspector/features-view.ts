/** Features (Fig. 11): mean activation of every stage and arm, and the channels of one stage by their distance to the teacher. */
import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import type { ArmRole } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { iconButton, select } from './controls.ts';
import './map-element.ts';
import type { PictureAt } from './map-element.ts';
import type { Picture } from './painting.ts';
import type { Model } from './model.ts';
import { pointTable } from './place.ts';
import './sheet.ts';
import { atRest, now } from './ticks.ts';
import { mapPlane, meanDistance, rangeOf, resample, valueAt, type Limits, type Plane } from './plane.ts';
import { errorPicture, errorTitle, imagePicture, truthPicture } from './sample-pictures.ts';
import { armName, fixed, signed } from './text.ts';
import { panAndZoom } from './zoom.ts';

/** Differences of maps that were normalised to [0, 1]. */
const differenceLimit = 0.5;
/** Channels in the browser; the rest is reached by number and by order. */
const browsed = 24;

export function featuresView(model: Model, width: 'wide' | 'medium' | 'narrow'): TemplateResult {
  const stages = Array.from({ length: model.stages }, (_, stage) => stage);
  const { reference } = model.snapshot;
  const compared = model.roles.filter((role) => reference !== undefined && role !== reference && (role === 'plain' || role === 'distilled'));
  return html`<div class="features">
    <div class="scroll main" ${panAndZoom(model)}><scrkd-sheet>
      <div class="feature-grid arms-${model.roles.length} compared-${compared.length}" role="grid" aria-label=${l10n.t('Mean activations')}>
        ${pictures(model, compared.length > 0)}
        <div class="heading" role="row">
          <span role="columnheader"><span class="unseen">${l10n.t('Stage')}</span></span>
          <div role="columnheader" class="group"><div class="title"><h2>${l10n.t('Mean activation')}</h2><span class="caption">${l10n.t('mean over channels of |F|')}</span></div><div class="cells caption">${model.roles.map((role) => html`<span>${armName(role)}</span>`)}</div></div>
          ${compared.length === 0 ? nothing : html`<div role="columnheader" class="group"><div class="title"><h2>${l10n.t('Distance to {0}', armName(reference!).toLowerCase())}</h2><span class="caption">${l10n.t('coarser grid')}</span></div><div class="cells caption">${compared.map((role) => html`<span>${armName(role)} − ${armName(reference!)[0]}</span>`)}</div></div>`}
        </div>
        ${stages.map((stage) => stageRow(model, stage, compared, reference))}
      </div>
    </scrkd-sheet></div>
    <aside class="side browser ${width}" aria-label=${l10n.t('Channels')}><div class="inner"><scrkd-sheet>${now(model, () => browser(model))}</scrkd-sheet></div></aside>
  </div>`;
}

/** Above the maps of each arm the errors of its prediction; beside them what they were made of. */
function pictures(model: Model, beside: boolean): TemplateResult {
  const figure = (title: string, picture: unknown): TemplateResult => html`<figure><figcaption class="caption">${title}</figcaption>${pointCell(model, picture)}</figure>`;
  const sample = [figure(l10n.t('Image'), imagePicture(model)), figure(l10n.t('Ground truth'), truthPicture(model))];
  return html`<div class="row pictures" role="row">
    <span role="rowheader"><span class="unseen">${l10n.t('Pictures of the sample')}</span></span>
    <div class="cells" role="gridcell">${beside ? nothing : sample}${model.roles.map((role) => figure(errorTitle(role), now(model, () => errorPicture(model, role, model.saliency(role)).picture)))}</div>
    ${beside ? html`<div class="cells" role="gridcell">${sample}</div>` : nothing}
  </div>`;
}

function stageRow(model: Model, stage: number, compared: readonly ArmRole[], reference: ArmRole | undefined): TemplateResult {
  const planes = new Map(model.roles.map((role) => [role, model.activation(role, stage)]));
  const sharedAt = (epoch: number): Limits => sharedRange(model.roles.map((role) => model.activation(role, stage, epoch)));
  const sizes = [...planes].map(([role, plane]) => (plane === undefined || isGap(plane) ? '' : `${role === reference ? 'T ' : ''}${plane.rows}²`));
  return html`<div class="row" role="row">
    <div role="rowheader"><button class="stage ${stage === model.state.stage ? 'current' : ''}" aria-pressed=${stage === model.state.stage} @click=${() => model.actions.update({ stage, channel: undefined })}>S${stage + 1}<span class="caption">${[...new Set(sizes)].filter((size) => size !== '').reverse().map((size) => html`${size}<br />`)}</span></button></div>
    <div class="cells" role="gridcell">
      ${model.roles.map((role) => {
        const label = `${l10n.t('Stage {0}', stage + 1)}, ${armName(role)}`;
        return mapCell(model, (epoch) => activationPicture(model, model.activation(role, stage, epoch), () => sharedAt(epoch)), label, () => pointValue(model, model.activation(role, stage), 2));
      })}
    </div>
    ${compared.length === 0
      ? nothing
      : html`<span class="caption part" aria-hidden="true">${l10n.t('Distance to {0}', armName(reference!).toLowerCase())}: ${compared.map((role) => armName(role).toLowerCase()).join(', ')}</span>
        <div class="cells" role="gridcell">
          ${compared.map((role) => {
            const distanceAt = (epoch: number): Plane | Gap | undefined => model.difference(normalised(model.activation(role, stage, epoch)), normalised(reference && model.activation(reference, stage, epoch)));
            const pictureAt: PictureAt = (epoch) => {
              const plane = distanceAt(epoch);
              return plane === undefined || isGap(plane) ? plane : { plane, low: -differenceLimit, high: differenceLimit, colours: model.diverging, order: undefined, window: model.state.window };
            };
            return mapCell(model, pictureAt, l10n.t('Stage {0}, {1} minus teacher', stage + 1, armName(role)), () => pointValue(model, distanceAt(model.epoch), 2, true));
          })}
        </div>`}
  </div>`;
}

function sharedRange(planes: readonly (Plane | Gap | undefined)[]): Limits {
  const ranges = planes.flatMap((plane) => (plane === undefined || isGap(plane) ? [] : [rangeOf(plane)]));
  return ranges.length === 0 ? { low: 0, high: 1 } : { low: Math.min(...ranges.map(({ low }) => low)), high: Math.max(...ranges.map(({ high }) => high)) };
}

function activationPicture(model: Model, plane: Plane | Gap | undefined, shared: () => Limits): Picture | Gap | undefined {
  if (plane === undefined || isGap(plane)) return plane;
  return { plane, ...(model.state.normalise === 'map' ? model.ownLimits(plane) : model.levelled(shared())), colours: model.colours, order: undefined, window: model.state.window };
}

/** Min-max normalised: networks have scales of their own. */
export function normalised(plane: Plane | Gap | undefined): Plane | Gap | undefined {
  if (plane === undefined || isGap(plane)) return plane;
  const { low, high } = rangeOf(plane);
  return mapPlane(plane, 'normalised', (value) => (high > low ? (value - low) / (high - low) : 0));
}

/** The value under the pointer, wherever it is: the same place of the image in every map. */
export function pointValue(model: Model, plane: Plane | Gap | undefined, decimals: number, sign = false): string {
  if (plane === undefined || isGap(plane) || model.hover?.kind !== 'point') return '';
  const { x, y } = model.hover;
  const value = valueAt(plane, Math.min(plane.rows - 1, Math.floor(y * plane.rows)), Math.min(plane.columns - 1, Math.floor(x * plane.columns)));
  return sign ? signed(value, decimals) : fixed(value, decimals);
}

/** Of what is known of one epoch only. */
function onlyAt(epoch: number, picture: Picture | Gap | undefined): PictureAt {
  return (other) => (other === epoch ? picture : undefined);
}

/** A map with the place under the pointer marked and its value written. */
export function mapCell(model: Model, pictureAt: PictureAt, label: string, value: () => string): TemplateResult {
  const labelled = (): string => [label, value()].filter((text) => text !== '').join(': ');
  return pointCell(model, html`<scrkd-map .pictureAt=${pictureAt} .picture=${pictureAt(model.epoch)} aria-label=${atRest(model, labelled)}></scrkd-map>`, value);
}

/** A picture in the coordinates of the image; all such pictures show where the pointer is in one of them. */
function pointCell(model: Model, picture: unknown, value?: () => string): TemplateResult {
  const { window } = model.state;
  const { hover } = model;
  const mark = hover?.kind === 'point' ? html`<i class="ring" .style=${`left:${(100 * (hover.x - window.x)) / window.size}%;top:${(100 * (hover.y - window.y)) / window.size}%`}></i>` : nothing;
  const move = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    model.actions.hover({ kind: 'point', x: window.x + ((event.clientX - box.left) / box.width) * window.size, y: window.y + ((event.clientY - box.top) / box.height) * window.size });
  };
  return html`<div class="cell" @pointermove=${move} @pointerleave=${() => model.actions.hover(undefined)}>${picture}${mark}${value === undefined || hover?.kind !== 'point' ? nothing : html`<span class="value">${now(model, value)}</span>`}</div>`;
}

// ---- channels ----

/** All channels of an arm's stage. */
interface Channels {
  readonly count: number;
  readonly plane: (channel: number) => Plane;
}

const channelPlanes = new WeakMap<ArrayBuffer, Map<number, Plane>>();

function channelsOf(shape: readonly number[], data: ArrayBuffer): Channels {
  const [count = 0, rows = 1, columns = 1] = shape;
  const known = channelPlanes.get(data) ?? new Map<number, Plane>();
  channelPlanes.set(data, known);
  return {
    count,
    plane: (channel) => {
      const plane = known.get(channel) ?? { rows, columns, data: new Float32Array(data, 4 * channel * rows * columns, rows * columns) };
      known.set(channel, plane);
      return plane;
    },
  };
}

type Loaded = { readonly channels: Channels } | { readonly message: string };

function load(model: Model, role: ArmRole, stage: number): Loaded | undefined {
  const epoch = model.checkpointFor(role);
  const sample = model.sample;
  if (model.dropped !== undefined) return { message: l10n.t('Single channels are shown of the dataset’s samples.') };
  if (sample === undefined) return undefined;
  if (epoch === undefined) {
    const kept = model.arm(role)?.checkpoints ?? [];
    return { message: kept.length === 0 ? l10n.t('{0} has no checkpoint.', armName(role)) : l10n.t('Single channels need a kept checkpoint: epochs {0}.', kept.join(', ')) };
  }
  const asked = model.actions.ask(`features-${role} ${sample} ${epoch} ${stage} ${model.state.operand}`, { kind: 'features', role, epoch, sample, stage: stage + 1, operand: role === 'distilled' ? model.state.operand : 'decoder' });
  switch (asked.state) {
    case 'waiting':
      return undefined;
    case 'failed':
      return { message: asked.message };
    case 'done':
      return asked.value.kind === 'tensor' ? { channels: channelsOf(asked.value.shape, asked.value.data) } : undefined;
  }
}

interface Ranked {
  readonly channel: number;
  readonly plain: number | undefined;
  readonly distilled: number | undefined;
}

const rankings = new Map<string, readonly Ranked[]>();

/** Channels by the larger of the students' distances to the teacher; of normalised maps, on the student's grid. */
function rank(key: string, count: number, channels: ReadonlyMap<ArmRole, Channels>, reference: ArmRole | undefined): readonly Ranked[] {
  const known = rankings.get(key);
  if (known !== undefined) return known;
  const target = reference && channels.get(reference);
  const distance = (role: ArmRole, channel: number): number | undefined => {
    const own = channels.get(role);
    if (own === undefined || target === undefined || channel >= own.count || channel >= target.count) return undefined;
    const plane = own.plane(channel);
    return meanDistance(normalised(plane) as Plane, resample(normalised(target.plane(channel)) as Plane, plane.rows, plane.columns));
  };
  const ranked = Array.from({ length: count }, (_, channel): Ranked => ({ channel, plain: distance('plain', channel), distilled: distance('distilled', channel) }));
  ranked.sort((a, b) => (b.plain ?? b.distilled ?? 0) - (a.plain ?? a.distilled ?? 0));
  if (rankings.size > 16) rankings.clear();
  rankings.set(key, ranked);
  return ranked;
}

function browser(model: Model): TemplateResult {
  const { stage } = model.state;
  const loaded = new Map(model.roles.map((role) => [role, load(model, role, stage)]));
  const channels = new Map([...loaded].flatMap(([role, result]) => (result !== undefined && 'channels' in result ? [[role, result.channels] as const] : [])));
  const messages = [...loaded.values()].flatMap((result) => (result !== undefined && 'message' in result ? [result.message] : []));
  if (channels.size === 0) {
    return html`<div class="title"><h2>${l10n.t('Stage {0} · channels', stage + 1)}</h2></div><p class="caption">${messages[0] ?? l10n.t('Computing the channels of this stage…')}</p>${place(model)}`;
  }
  const count = Math.max(...[...channels.values()].map((each) => each.count));
  const { reference } = model.snapshot;
  const ranked = rank(`${model.snapshot.run} ${model.sample ?? ''} ${model.epoch} ${stage} ${[...channels.keys()].join()} ${model.state.operand}`, count, channels, reference);
  const order = model.state.channelOrder === 'index' ? [...ranked].sort((a, b) => a.channel - b.channel) : ranked;
  const at = Math.max(0, model.state.channel === undefined ? 0 : order.findIndex(({ channel }) => channel === Math.min(count - 1, model.state.channel!)));
  const chosen = order[at]!;
  const go = (to: number): void => model.actions.update({ channel: order[(to + order.length) % order.length]!.channel });
  const first = Math.min(Math.max(0, at - 3), Math.max(0, order.length - browsed));
  const arms = model.roles.filter((role) => channels.has(role));
  const shared = sharedRange(arms.map((role) => channels.get(role)!.plane(chosen.channel)));
  return html`
    <div class="title">
      <h2>${l10n.t('Stage {0} · channel {1}', stage + 1, chosen.channel)}</h2>
      <span class="space"></span>
      <span class="caption">L1 ${fixed(chosen.plain, 3)} → <b>${fixed(chosen.distilled, 3)}</b></span>
      ${iconButton('chevron-left', l10n.t('Previous channel ({)'), () => go(at - 1))}${iconButton('chevron-right', l10n.t('Next channel (})'), () => go(at + 1))}
    </div>
    <div class="cells large arms-${arms.length}">
      ${arms.map((role) => {
        const plane = channels.get(role)!.plane(chosen.channel);
        return html`<figure><figcaption class="caption">${armName(role)}</figcaption>${mapCell(model, onlyAt(model.epoch, activationPicture(model, plane, () => shared)), l10n.t('Stage {0}, channel {1}, {2}', stage + 1, chosen.channel, armName(role)), () => pointValue(model, plane, 2))}</figure>`;
      })}
    </div>
    ${messages.length === 0 ? nothing : html`<p class="caption">${messages[0]}</p>`}
    ${place(model)}
    <div class="title">
      <h2>${l10n.t('Channels')}</h2><span class="space"></span><span class="caption ordered">${l10n.t('ordered by')}</span>
      ${select(l10n.t('Channels ordered by'), [{ value: 'distance', label: l10n.t('distance to the teacher') }, { value: 'index', label: l10n.t('number') }], model.state.channelOrder, (channelOrder) => model.actions.update({ channelOrder }))}
      <input class="number" type="number" min="0" max=${count - 1} aria-label=${l10n.t('Channel')} placeholder=${l10n.t('Channel…')} @change=${(event: Event) => model.actions.update({ channel: Math.min(count - 1, Math.max(0, (event.target as HTMLInputElement).valueAsNumber || 0)) })} />
    </div>
    <div class="channels" role="listbox" aria-label=${l10n.t('Channels')}>
      ${order.slice(first, first + browsed).map(
        (entry) => html`<button role="option" aria-selected=${entry.channel === chosen.channel} tabindex=${entry.channel === chosen.channel ? 0 : -1} @click=${() => model.actions.update({ channel: entry.channel })}>
          ${arms.map((role) => html`<scrkd-map role="presentation" .picture=${thumbnailOf(model, channels.get(role)!, entry.channel)}></scrkd-map>`)}
          <span>#${entry.channel}<br /><span class="caption">${fixed(entry.plain, 3)} → ${fixed(entry.distilled, 3)}</span></span>
        </button>`,
      )}
    </div>
    <p class="caption">${l10n.t('{0}. {1} of {2} channels.', arms.map(armName).join(' · '), Math.min(browsed, order.length), count)}</p>`;
}

function place(model: Model): TemplateResult {
  const { stage } = model.state;
  const { reference } = model.snapshot;
  return pointTable(model, reference && model.activation(reference, stage), model.activation(model.roles.at(-1)!, stage));
}

function thumbnailOf(model: Model, channels: Channels, channel: number): Picture | Gap {
  if (channel >= channels.count) return { problem: 'missing', message: l10n.t('no such channel') };
  const plane = channels.plane(channel);
  return { plane, ...rangeOf(plane), colours: model.colours, order: undefined, window: { x: 0, y: 0, size: 1 } };
}
