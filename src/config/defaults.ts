/** What holds where a config says nothing. Values that depend on the preset are in ./presets.ts. */
export const defaults = {
  version: 1,
  preset: 'default',
  engine: 'auto',
  device: 'auto',
  memory: 'auto',
  teacherOutputs: { memory: '1 GB', disk: '10 GB' },
  training: {
    epochs: 100,
    batchSize: 8,
    optimizer: { name: 'adamw', learningRate: 2e-5, weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    schedule: 'constant',
    augmentation: 'default',
    seed: 2025,
    stopAfterUnreadable: 0.05,
  },
  validation: { fraction: 0.1, seed: 1 },
  captures: { samples: 4, every: 10, features: false, budget: '2 GB' },
  checkpoints: { every: 10, everyMinutes: 10, select: 'default' },
  evaluation: { every: 1, protocols: ['scrkd448', 'pysod'] },
  distill: { warmUp: 0 },
} as const;
