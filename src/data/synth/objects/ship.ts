import { bright, mix, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { box, local, polygon, stroke, toScene, type Frame, type Point } from '../shapes.ts';

const hullColours: readonly Colour[] = [[112, 62, 52], [66, 72, 80], [150, 150, 148], [205, 204, 198], [60, 84, 74]];
const cargoColours: readonly Colour[] = [[152, 70, 52], [64, 92, 128], [172, 150, 96], [112, 122, 116], [178, 176, 170]];

/** A ship of this length with its wake; the hull is salient, the wake is not. `moving` from 0 (moored) to 1. */
export function drawShip(scene: Scene, frame: Frame, length: number, moving: number): void {
  const beam = length * scene.random.between(0.17, 0.27);
  const hull = polygon(frame, hullOutline(length, beam));
  if (moving > 0) drawWake(scene, frame, length, beam, moving);
  scene.shadow(hull, Math.min(4, length * 0.07), 0.5);
  const isLarge = length > 26;
  const side = isLarge ? scene.pick(hullColours) : scene.pick<Colour>([[226, 226, 220], [208, 210, 208], [188, 170, 150]]);
  scene.paint(hull, side);
  const deck = polygon(frame, hullOutline(length * 0.93, beam * 0.76));
  const deckColour = isLarge ? mix(bright(side, 1.15), [150, 130, 112], 0.5) : bright(side, 0.86);
  scene.paint(deck, (x, y) => bright(deckColour, 1 + 0.06 * scene.noise.at(x / 1.7, y / 1.7)));
  if (isLarge) drawCargo(scene, frame, length, beam);
  else drawCabin(scene, frame, length, beam);
  scene.markSalient('ship', hull);
}

/** Bow forward, stern cut off, sides slightly round. */
function hullOutline(length: number, beam: number): Point[] {
  const side: Point[] = [[-0.5, 0.36], [-0.44, 0.45], [-0.2, 0.5], [0.18, 0.49], [0.34, 0.37], [0.44, 0.18], [0.5, 0]];
  const right = side.map(([u, v]): Point => [u * length, v * beam]);
  return [...right, ...right.slice(0, -1).reverse().map(([u, v]): Point => [u, -v])];
}

function drawCargo(scene: Scene, frame: Frame, length: number, beam: number): void {
  const bays = Math.max(3, Math.round(length / 7));
  const isContainerShip = scene.chance(0.5);
  for (let bay = 0; bay < bays; bay++) {
    const u = (-0.22 + (0.56 * (bay + 0.5)) / bays) * length;
    const [x, y] = toScene(frame, u, 0);
    const at = { ...frame, x, y };
    if (!isContainerShip) {
      scene.paint(box(at, (0.42 * length) / bays, beam * 0.5, 0.3), bright([140, 128, 112], scene.random.between(0.75, 1)));
      continue;
    }
    for (let row = -1; row <= 1; row++) {
      const [rx, ry] = toScene(at, 0, row * beam * 0.22);
      const colour = bright(scene.pick(cargoColours), scene.random.between(0.8, 1.1));
      if (scene.chance(0.85)) scene.paint(box({ ...at, x: rx, y: ry }, (0.5 * length) / bays, beam * 0.2), colour);
    }
  }
  const [x, y] = toScene(frame, -0.36 * length, 0);
  const bridge = box({ ...frame, x, y }, length * 0.09, beam * 0.82, 0.4);
  scene.shadow(bridge, 2.2, 0.5);
  scene.paint(bridge, [232, 231, 225]);
  const [fx, fy] = toScene(frame, -0.43 * length, 0);
  scene.paint(box({ ...frame, x: fx, y: fy }, length * 0.035, beam * 0.3), [120, 70, 58]);
}

function drawCabin(scene: Scene, frame: Frame, length: number, beam: number): void {
  const [x, y] = toScene(frame, -0.05 * length, 0);
  scene.paint(box({ ...frame, x, y }, length * 0.3, beam * 0.52, beam * 0.12), [244, 244, 240]);
  const [wx, wy] = toScene(frame, 0.1 * length, 0);
  scene.paint(box({ ...frame, x: wx, y: wy }, length * 0.07, beam * 0.46), [70, 84, 96]);
  const [sx, sy] = toScene(frame, -0.32 * length, 0);
  scene.paint(box({ ...frame, x: sx, y: sy }, length * 0.16, beam * 0.5), [150, 122, 96]);
}

/** A churned trail behind the stern and a bow wave on either side. */
function drawWake(scene: Scene, frame: Frame, length: number, beam: number, strength: number): void {
  const reach = length * (1 + 2.4 * strength);
  const { noise } = scene;
  const trail = local(frame, reach + length, (u, v) => Math.max(Math.abs(v) - beam * (0.42 + (0.5 * (-u - length * 0.4)) / reach), u + length * 0.42, -u - reach));
  const [cosine, sine] = [Math.cos(frame.heading), Math.sin(frame.heading)];
  scene.canvas.cover(trail, (pixel, coverage, x, y) => {
    const behind = -((x - frame.x) * cosine + (y - frame.y) * sine) - length * 0.4;
    const fade = Math.exp((-2.2 * behind) / reach);
    whiten(scene, pixel, coverage * fade * strength * (0.5 + 0.5 * noise.fractal(x / 2.5, y / 2.5, 3)));
  });
  for (const side of [-1, 1]) {
    const arm = stroke(frame, [length * 0.42, 0], [-reach * 0.55, side * (beam * 0.5 + reach * 0.17)], 0.3, 0.8 + beam * 0.2);
    scene.canvas.cover(arm, (pixel, coverage, x, y) => {
      const behind = length * 0.42 - ((x - frame.x) * cosine + (y - frame.y) * sine);
      whiten(scene, pixel, coverage * 0.75 * Math.exp((-5 * behind) / reach) * strength * (0.45 + 0.75 * noise.fractal(x / 2, y / 2, 2)));
    });
  }
}

function whiten(scene: Scene, pixel: number, share: number): void {
  const clipped = Math.min(0.85, Math.max(0, share));
  for (const [channel, foam] of [226, 233, 234].entries()) {
    const at = 3 * pixel + channel;
    scene.canvas.rgb[at]! += (foam - scene.canvas.rgb[at]!) * clipped;
  }
}
