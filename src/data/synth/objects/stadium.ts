import { bright, mix, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { boxDistance, local, type Frame } from '../shapes.ts';

/** A stadium of this outer length: stands, running track and pitch. */
export function drawStadium(scene: Scene, frame: Frame, length: number): void {
  const [halfLength, halfWidth] = [length / 2, length * scene.random.between(0.36, 0.42)];
  const corner = halfWidth * 0.95;
  const ring = (inset: number) => local(frame, halfLength * 1.5, (u, v) => boxDistance(u, v, halfLength - inset, halfWidth - inset, Math.max(0.5, corner - inset)));
  const stands = scene.random.between(0.08, 0.13) * length;
  const hasRoof = scene.chance(0.6);
  scene.shadow(ring(0), length * 0.09, 0.6);
  const concrete = scene.pick<Colour>([[190, 188, 182], [206, 206, 204], [164, 160, 152]]);
  const seats = scene.pick<Colour>([[78, 96, 138], [146, 76, 68], [150, 150, 146], [96, 122, 100]]);
  const localOf = (x: number, y: number) => {
    const [cosine, sine] = [Math.cos(frame.heading), Math.sin(frame.heading)];
    return [(x - frame.x) * cosine + (y - frame.y) * sine, (y - frame.y) * cosine - (x - frame.x) * sine] as const;
  };
  const steepness = Math.hypot(scene.sun.x, scene.sun.y);
  scene.paint(ring(0), (x, y) => {
    const [u, v] = localOf(x, y);
    const depth = -boxDistance(u, v, halfLength, halfWidth, corner) / stands; // 0 at the outer wall, 1 at the track
    const sector = Math.abs(Math.sin(14 * Math.atan2(v / halfWidth, u / halfLength))) < 0.13 ? 0.84 : 1;
    const away = ((x - frame.x) * scene.sun.x + (y - frame.y) * scene.sun.y) / (steepness * halfLength);
    const row = 1 + 0.05 * Math.sin(depth * 26);
    if (hasRoof && depth < 0.5) return bright([228, 228, 226], (0.96 - 0.12 * away) * (sector < 1 ? 0.93 : 1));
    return bright(mix(concrete, seats, depth > 0.12 ? 0.6 : 0), (0.88 + 0.2 * away) * sector * row);
  });
  scene.paint(ring(stands), [152, 84, 68]); // running track
  const track = Math.max(1.2, length * 0.05);
  scene.paint(ring(stands + track * 0.5), [166, 98, 80]);
  const [pitchLength, pitchWidth] = [halfLength - stands - track, halfWidth - stands - track];
  scene.paint(ring(stands + track), (x, y) => {
    const [u, v] = localOf(x, y);
    const stripe = Math.sin((u / pitchLength) * Math.PI * 6) > 0 ? 1.07 : 0.95;
    const edge = Math.abs(boxDistance(u, v, pitchLength * 0.86, pitchWidth * 0.86));
    const isLine = edge < 0.28 || (Math.abs(u) < 0.28 && Math.abs(v) < pitchWidth * 0.86) || Math.abs(Math.hypot(u, v) - pitchWidth * 0.28) < 0.25;
    return isLine ? [196, 208, 190] : bright([74, 122, 62], stripe * (1 + 0.06 * scene.noise.at(x / 3, y / 3)));
  });
  if (steepness > 0.5) scene.canvas.darken(local(frame, halfLength * 1.5, (u, v) => {
    // The stands' own shadow on the field: inside the ring, but not inside the ring moved by the shadow.
    const [cosine, sine] = [Math.cos(frame.heading), Math.sin(frame.heading)];
    const [du, dv] = [(scene.sun.x * cosine + scene.sun.y * sine) * length * 0.06, (scene.sun.y * cosine - scene.sun.x * sine) * length * 0.06];
    const inner = boxDistance(u, v, halfLength - stands, halfWidth - stands, corner - stands);
    return Math.max(inner, -boxDistance(u - du, v - dv, halfLength - stands, halfWidth - stands, corner - stands));
  }), 0.4);
  scene.markSalient('stadium', ring(0));
}
