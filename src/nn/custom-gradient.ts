import { clone, customGrad, tidy, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/**
 * A function of tensors with a gradient of its own. The gradient may use only what the forward pass saved:
 * other tensors of the forward pass are gone by then.
 * @param forward value and saved tensors for the inputs.
 * @param gradient one gradient per input, of the input's shape, from the gradient of the value and the saved tensors.
 */
export function withGradient<Value extends Tensor>(
  inputs: readonly Tensor[],
  forward: (inputs: readonly Tensor[]) => { readonly value: Value; readonly saved: readonly Tensor[] },
  gradient: (dy: Value, saved: readonly Tensor[]) => Tensor[],
): Value {
  const operation = customGrad<Value>((...given) => {
    const save = given.pop() as (tensors: Tensor[]) => void; // tfjs appends its save function to the inputs
    const { value, saved } = forward(given as Tensor[]);
    save([...saved]);
    return { value, gradFunc: (dy, kept) => tidy(() => gradient(dy, kept)) };
  });
  return operation(...inputs);
}

/** The value itself, through which no gradient passes. */
export function stopGradient<T extends Tensor>(x: T): T {
  return withGradient<T>(
    [x],
    ([value]) => ({ value: clone(value as T), saved: [] }),
    (dy) => [zerosLike(dy)],
  );
}
