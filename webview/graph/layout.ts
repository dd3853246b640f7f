/** Where the stages stand: in layers from teachers to students, across where there is room, else downwards. */
import type { GraphStage, GraphTransfer } from '../../src/protocol/graph.ts';

/** Pixels. */
export const card = { width: 244, height: 136 } as const;
const labelRoom = { across: 172, downwards: 116 } as const;
const gap = 28;
const margin = 24;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly layer: number;
  /** Within its layer. */
  readonly rank: number;
}

export interface Route {
  /** Of an SVG path from teacher to student. */
  readonly path: string;
  /** Where the transfer's label has its middle. */
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly direction: 'across' | 'downwards';
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<string, Place>;
  /** In the order of the transfers. */
  readonly routes: readonly Route[];
}

/**
 * Each stage's layer: one behind its teacher. A stage that neither learns nor teaches stands with the stages of its resolution, where it
 * is compared with them.
 */
export function layersOf(stages: readonly GraphStage[], transfers: readonly GraphTransfer[]): ReadonlyMap<string, number> {
  const layers = new Map<string, number>();
  // Teachers stand before their students, so one pass is enough.
  for (const { name } of stages) {
    const teachers = transfers.filter(({ to }) => to === name).map(({ from }) => layers.get(from) ?? 0);
    layers.set(name, teachers.length === 0 ? 0 : Math.max(...teachers) + 1);
  }
  for (const { name, resolution } of stages) {
    if (transfers.some(({ from, to }) => from === name || to === name)) continue;
    const peers = stages.filter((other) => other.name !== name && other.resolution.height === resolution.height && transfers.some(({ from, to }) => from === other.name || to === other.name));
    layers.set(name, Math.max(0, ...peers.map((peer) => layers.get(peer.name) ?? 0)));
  }
  return layers;
}

/** @param room pixels that the panel has across */
export function layoutOf(stages: readonly GraphStage[], transfers: readonly GraphTransfer[], room: number): Layout {
  const layers = layersOf(stages, transfers);
  const count = Math.max(0, ...layers.values()) + 1;
  const members = Array.from({ length: count }, (_, layer) => ordered(stages.filter(({ name }) => layers.get(name) === layer), transfers, stages));
  const across = count * card.width + (count - 1) * labelRoom.across + 2 * margin;
  const direction = across <= room ? 'across' : 'downwards';
  const most = Math.max(1, ...members.map(({ length }) => length));
  const along = direction === 'across' ? card.width + labelRoom.across : card.height + labelRoom.downwards;
  const beside = (direction === 'across' ? card.height : card.width) + gap;
  const places = new Map<string, Place>();
  for (const [layer, stagesOfLayer] of members.entries()) {
    for (const [rank, { name }] of stagesOfLayer.entries()) {
      const middle = margin + ((most - stagesOfLayer.length) / 2 + rank) * beside;
      const ahead = margin + layer * along;
      places.set(name, direction === 'across' ? { x: ahead, y: middle, layer, rank } : { x: middle, y: ahead, layer, rank });
    }
  }
  const length = margin * 2 + count * along - (along - (direction === 'across' ? card.width : card.height));
  const breadth = margin * 2 + most * beside - gap;
  return {
    direction,
    width: direction === 'across' ? length : breadth,
    height: direction === 'across' ? breadth : length,
    places,
    routes: transfers.map((transfer) => routeOf(transfer, places, direction)),
  };
}

/** Students next to each other when they have one teacher; plain stages last. */
function ordered(layer: readonly GraphStage[], transfers: readonly GraphTransfer[], stages: readonly GraphStage[]): GraphStage[] {
  const place = ({ name }: GraphStage): number => {
    const teacher = transfers.find(({ to }) => to === name)?.from;
    if (teacher !== undefined) return stages.findIndex((stage) => stage.name === teacher);
    return transfers.some(({ from }) => from === name) ? -1 : stages.length;
  };
  return layer.toSorted((a, b) => place(a) - place(b));
}

function routeOf(transfer: GraphTransfer, places: ReadonlyMap<string, Place>, direction: Layout['direction']): Route {
  const from = places.get(transfer.from) ?? { x: 0, y: 0, layer: 0, rank: 0 };
  const to = places.get(transfer.to) ?? from;
  const span = Math.max(1, to.layer - from.layer);
  if (direction === 'across') {
    const [x1, y1, x2, y2] = [from.x + card.width, from.y + card.height / 2, to.x, to.y + card.height / 2];
    // Labels stand before the student, where transfers of one teacher have parted; a long way bends around what it passes.
    const bend = span > 1 ? card.height : 0;
    const middle = x2 - labelRoom.across / 2;
    return { path: `M${x1} ${y1} C${x1 + 60} ${y1 - bend} ${x2 - labelRoom.across} ${y2} ${middle} ${y2} L${x2 - 7} ${y2}`, x: middle, y: y2 };
  }
  const [x1, y1, x2, y2] = [from.x + card.width / 2, from.y + card.height, to.x + card.width / 2, to.y];
  const bend = span > 1 ? card.width / 2 + gap : 0;
  const [middle, top] = [y2 - 43, y2 - 62];
  return { path: `M${x1} ${y1} C${x1 + bend} ${y1 + 32} ${x2} ${top - 32} ${x2} ${top} L${x2} ${y2 - 7}`, x: x2, y: middle };
}
