/** A region of the plane, in scene units. */
export interface Shape {
  /** Signed distance to the border, negative inside; never steeper than 1. */
  distance(x: number, y: number): number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A place and a heading: local coordinates run forward along the heading and to the right of it. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  /** Radians from the x axis, clockwise on the picture. */
  readonly heading: number;
}

export type Point = readonly [number, number];

/** The scene coordinates of a local point. */
export function toScene({ x, y, heading }: Frame, forward: number, right: number): Point {
  const [cosine, sine] = [Math.cos(heading), Math.sin(heading)];
  return [x + cosine * forward - sine * right, y + sine * forward + cosine * right];
}

/** `Math.hypot` guards against overflow, which costs more than everything else here. */
export function norm(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

export function circle(x: number, y: number, radius: number): Shape {
  return { distance: (px, py) => norm(px - x, py - y) - radius, left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}

/** A shape given in local coordinates, no part of it farther than `reach` from the frame's origin. */
export function local({ x, y, heading }: Frame, reach: number, distance: (forward: number, right: number) => number): Shape {
  const [cosine, sine] = [Math.cos(heading), Math.sin(heading)];
  return {
    distance: (px, py) => distance((px - x) * cosine + (py - y) * sine, (py - y) * cosine - (px - x) * sine),
    left: x - reach,
    top: y - reach,
    right: x + reach,
    bottom: y + reach,
  };
}

/** The bounds of local points with `margin` around, so that a turned shape is not looked for in a whole circle. */
function boundsOf(frame: Frame, points: readonly Point[], margin: number): Omit<Shape, 'distance'> {
  const placed = points.map(([forward, right]) => toScene(frame, forward, right));
  const xs = placed.map(([x]) => x);
  const ys = placed.map(([, y]) => y);
  return { left: Math.min(...xs) - margin, top: Math.min(...ys) - margin, right: Math.max(...xs) + margin, bottom: Math.max(...ys) + margin };
}

/** A rectangle with rounded corners, `length` along the heading and `width` across. */
export function box(frame: Frame, length: number, width: number, corner = 0): Shape {
  const [u, v] = [length / 2, width / 2];
  const shape = local(frame, 0, (forward, right) => boxDistance(forward, right, u, v, corner));
  return { ...shape, ...boundsOf(frame, [[u, v], [u, -v], [-u, v], [-u, -v]], 0) };
}

export function boxDistance(u: number, v: number, halfLength: number, halfWidth: number, corner = 0): number {
  const outU = Math.abs(u) - halfLength + corner;
  const outV = Math.abs(v) - halfWidth + corner;
  return norm(Math.max(outU, 0), Math.max(outV, 0)) + Math.min(Math.max(outU, outV), 0) - corner;
}

/** A stroke from one local point to another whose radius runs from `start` to `end`. */
export function stroke(frame: Frame, from: Point, to: Point, start: number, end = start): Shape {
  const [du, dv] = [to[0] - from[0], to[1] - from[1]];
  const squared = Math.max(1e-9, du * du + dv * dv);
  const shape = local(frame, 0, (u, v) => {
    const along = Math.min(1, Math.max(0, ((u - from[0]) * du + (v - from[1]) * dv) / squared));
    return norm(u - from[0] - du * along, v - from[1] - dv * along) - (start + (end - start) * along);
  });
  return { ...shape, ...boundsOf(frame, [from, to], Math.max(start, end)) };
}

/** A polygon of local points. */
export function polygon(frame: Frame, points: readonly Point[]): Shape {
  const shape = local(frame, 0, (u, v) => {
    let squared = Infinity;
    let inside = false;
    for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
      const [au, av] = points[i]!;
      const [bu, bv] = points[j]!;
      const [eu, ev] = [bu - au, bv - av];
      const t = Math.min(1, Math.max(0, ((u - au) * eu + (v - av) * ev) / (eu * eu + ev * ev)));
      squared = Math.min(squared, (u - au - eu * t) ** 2 + (v - av - ev * t) ** 2);
      if (av > v !== bv > v && u < ((bu - au) * (v - av)) / (bv - av) + au) inside = !inside;
    }
    return inside ? -Math.sqrt(squared) : Math.sqrt(squared);
  });
  return { ...shape, ...boundsOf(frame, points, 0) };
}

/** How far a point lies outside a shape's bounds, at most: no point of the shape is nearer. */
function outsideBounds({ left, top, right, bottom }: Shape, x: number, y: number): number {
  return Math.max(left - x, x - right, top - y, y - bottom);
}

export function union(...shapes: readonly Shape[]): Shape {
  return {
    distance: (x, y) => {
      let nearest = Infinity;
      for (const shape of shapes) {
        if (outsideBounds(shape, x, y) < nearest) nearest = Math.min(nearest, shape.distance(x, y));
      }
      return nearest;
    },
    left: Math.min(...shapes.map(({ left }) => left)),
    top: Math.min(...shapes.map(({ top }) => top)),
    right: Math.max(...shapes.map(({ right }) => right)),
    bottom: Math.max(...shapes.map(({ bottom }) => bottom)),
  };
}

/** The shape, larger by `margin` all around. */
export function grown(shape: Shape, margin: number): Shape {
  return {
    distance: (x, y) => shape.distance(x, y) - margin,
    left: shape.left - margin,
    top: shape.top - margin,
    right: shape.right + margin,
    bottom: shape.bottom + margin,
  };
}

/** The ground that a shape sweeps when it moves by (dx, dy): the shadow of something with vertical walls. */
export function swept(shape: Shape, dx: number, dy: number): Shape {
  const steps = Math.max(1, Math.ceil(Math.hypot(dx, dy) / 1.5));
  return {
    distance: (x, y) => {
      let nearest = Infinity;
      for (let i = 0; i <= steps; i++) {
        const [px, py] = [x - (dx * i) / steps, y - (dy * i) / steps];
        if (outsideBounds(shape, px, py) < nearest) nearest = Math.min(nearest, shape.distance(px, py));
      }
      return nearest;
    },
    left: shape.left + Math.min(0, dx),
    top: shape.top + Math.min(0, dy),
    right: shape.right + Math.max(0, dx),
    bottom: shape.bottom + Math.max(0, dy),
  };
}
