/** The decoupled saliency of DSD (SCRKD, Sec. III-D): two channels [s, 1 − s] of a sigmoid, through a softmax at τ₂. */

/** The salient channel of softmax([s, 1 − s] / τ), s = σ(logit). */
export function softLabel(logit: number, tau: number): number {
  const saliency = 1 / (1 + Math.exp(-logit));
  return 1 / (1 + Math.exp(-(2 * saliency - 1) / tau));
}

/** KL(teacher ‖ student) of a pixel: the sum over both channels. */
export function divergence(teacherLogit: number, studentLogit: number, tau: number): number {
  const [t, s] = [softLabel(teacherLogit, tau), softLabel(studentLogit, tau)];
  return t * Math.log(t / s) + (1 - t) * Math.log((1 - t) / (1 - s));
}
