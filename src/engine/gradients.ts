/**
 * tfjs-core registers no gradient by itself: whoever differentiates imports this file for its side effect.
 * (The registration reads flags that the core's own entry sets, hence the order.)
 */
import '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
