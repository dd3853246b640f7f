import { clone, keep, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Carries named tensors out of a scope that would dispose of them, such as the forward pass inside a gradient.
 * What was put in stays alive until `release` or `dispose`.
 */
export class CarriedTensors {
  readonly #tensors = new Map<string, Tensor>();

  get(name: string): Tensor | undefined {
    return this.#tensors.get(name);
  }

  /** Takes the tensor over; one of the same name is disposed of. */
  put(name: string, tensor: Tensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, keep(tensor));
  }

  /** Hands everything over to the current scope. */
  release(): Record<string, Tensor> {
    const released = Object.fromEntries([...this.#tensors].map(([name, tensor]) => [name, clone(tensor)]));
    this.dispose();
    return released;
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}
