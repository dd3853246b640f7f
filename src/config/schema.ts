/**
 * The config file, written once: types, validation, JSON Schema, completion and the reference page come from here.
 * Every field is as a person writes it; ./experiment.ts is what it comes to mean.
 */
import * as z from 'zod';
import { optionFields, weightFields } from './catalog/method-fields.ts';
import { methodNames, methods } from './catalog/methods.ts';
import { modelFields, modelNames } from './catalog/models.ts';
import { defaults } from './defaults.ts';
import './field.ts';

const count = z.int().min(1);
const seed = z.int().min(0).max(4294967295);
const share = z.number().min(0).max(1);

const nameForm = 'a name of letters, digits, . _ and -, that begins with a letter or digit';
/** Names become folders: at most 64 characters, and none that a file system treats in its own way. */
const nameText = z.string().regex(/^(?!(?:con|prn|aux|nul|com\d|lpt\d)$)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/i);
const file = z.string().min(1);
const size = z.string().regex(/^\d+(?:\.\d+)? ?[kMGT]B$/);
const sizeForm = 'a size such as 500 MB or 2 GB';

export const optimizerSchema = z
  .strictObject({
    name: z
      .enum(['adamw'])
      .meta({ description: 'The optimizer: Adam with decoupled weight decay on all parameters.', default: 'adamw', source: 'SCRKD, implementation details' })
      .optional(),
    learningRate: z
      .number()
      .gt(0)
      .max(1)
      .meta({
        description: 'Step size. The paper\'s rate is for backbones that start from ImageNet weights; without them about 1e-3 is usual.',
        default: defaults.training.optimizer.learningRate,
        source: 'SCRKD, implementation details',
      })
      .optional(),
    weightDecay: share
      .meta({ description: 'Decoupled weight decay of all parameters.', default: defaults.training.optimizer.weightDecay, source: 'official training scripts' })
      .optional(),
    beta1: z.number().min(0).lt(1).meta({ description: 'Decay of the first moment.', default: defaults.training.optimizer.beta1 }).optional(),
    beta2: z.number().min(0).lt(1).meta({ description: 'Decay of the second moment.', default: defaults.training.optimizer.beta2 }).optional(),
    epsilon: z.number().gt(0).max(1).meta({ description: 'Added to the root of the second moment.', default: defaults.training.optimizer.epsilon }).optional(),
  })
  .meta({
    description: 'The optimizer and its settings.',
    otherNames: { lr: 'learningRate', learning_rate: 'learningRate', wd: 'weightDecay', weight_decay: 'weightDecay', eps: 'epsilon', type: 'name' },
  });

const scheduleSchema = z
  .union([
    z.enum(['constant']),
    z.strictObject({
      step: z
        .strictObject({
          every: count.meta({ description: 'Epochs between changes.', unit: 'epochs' }),
          factor: z.number().gt(0).lte(1).meta({ description: 'Factor of the learning rate at every change.' }),
        })
        .meta({ description: 'Multiplies the learning rate by a factor at regular intervals.' }),
    }),
  ])
  .meta({
    description: 'How the learning rate changes over the epochs.',
    default: defaults.training.schedule,
    source: 'official training scripts',
    form: 'constant, or { step: { every: EPOCHS, factor: NUMBER } }',
  });

export const trainingSchema = z
  .strictObject({
    epochs: count.max(100_000).meta({ description: 'Passes over the training list.', unit: 'epochs', default: defaults.training.epochs, source: 'SCRKD, implementation details' }).optional(),
    batchSize: count
      .max(4096)
      .meta({ description: 'Images in a step; a last short batch is dropped.', unit: 'images', default: defaults.training.batchSize, source: 'SCRKD, implementation details' })
      .optional(),
    optimizer: optimizerSchema.optional(),
    schedule: scheduleSchema.optional(),
    augmentation: z
      .enum(['default', 'official', 'none'])
      .meta({
        description: 'default: the eight flips and quarter turns. official: the same, but a turn crops images that are not square. none: as they are.',
        default: defaults.training.augmentation,
        source: 'official data loader',
      })
      .optional(),
    seed: seed.meta({ description: 'Decides initial weights, order and augmentation.', default: defaults.training.seed, source: 'official training scripts' }).optional(),
    stopAfterUnreadable: share
      .meta({ description: 'Share of unreadable training images above which a run stops.', default: defaults.training.stopAfterUnreadable })
      .optional(),
  })
  .meta({
    description: 'How stages are trained. A stage may override any of it.',
    otherNames: { batch_size: 'batchSize', num_epochs: 'epochs', epoch: 'epochs', lr_scheduler: 'schedule', scheduler: 'schedule', optim: 'optimizer', random_seed: 'seed' },
  });

const modelOptionFields = z.strictObject(modelFields).partial().shape;
const modelSchema = z
  .union([
    z.enum(modelNames),
    z.strictObject({ name: z.enum(modelNames).meta({ description: 'The network.' }), ...modelOptionFields }),
  ])
  .meta({ description: 'The network, by name or with its options.', form: `${modelNames.join(', ')}, or { name: ${modelNames.join(' | ')}, …options }`, needed: true });

const side = z.int().min(1).max(65_536);
const resolutionSchema = z
  .union([side, z.tuple([side, side])])
  .meta({ description: 'Side of the input image, or [height, width].', unit: 'pixels', form: 'a whole number of pixels or [height, width]', source: 'SCRKD, Table I', needed: true, proposals: [448, 224, 112, 56] });

const weightsSchema = z.strictObject(weightFields).meta({ description: 'Factors of the loss terms, by method.' });

const distillSchema = z
  .strictObject({
    from: z
      .string()
      .meta({ description: 'The stage that teaches this one.', form: 'the name of a stage', names: 'stage', needed: true, plannedBlock: 'several teachers' })
      .optional(),
    method: z.enum(methodNames).meta({ description: `The distillation method. ${methodNames.map((name) => `${name}: ${methods[name].description}`).join(' ')}` }),
    weights: weightsSchema.optional(),
    temperature: z
      .number()
      .gt(0)
      .max(1000)
      .meta({ description: "Temperature of the method's softmax; each method has its own default." })
      .optional(),
    warmUp: z
      .int()
      .min(0)
      .max(100_000)
      .meta({ description: 'Epochs over which the weights of all terms grow from a share to their full value.', unit: 'epochs', default: defaults.distill.warmUp, source: 'Chen et al., 2021 (ReviewKD)' })
      .optional(),
    options: z
      .strictObject(optionFields)
      .meta({ description: 'Points in which paper and official code differ, by method; the preset answers what is left out.' })
      .optional(),
  })
  .meta({
    description: 'How this stage learns from another one. Without it a stage is trained on the masks alone.',
    otherNames: { teacher: 'from', loss_weights: 'weights', lossWeights: 'weights', T: 'temperature' },
  });

const stageSchema = z
  .strictObject({
    model: modelSchema.optional(),
    resolution: resolutionSchema.optional(),
    distill: distillSchema.optional(),
    init: z
      .strictObject({ backbone: file.meta({ description: 'Weights of the encoder to start from, e.g. ImageNet weights.', form: 'the path of a weights file', names: 'weights' }) })
      .meta({ description: 'Weights to start from instead of random ones.' })
      .optional(),
    checkpoint: file.meta({ description: 'A trained network: the stage is given, not trained.', form: 'the path of a weights file', names: 'weights' }).optional(),
    use: z
      .string()
      .regex(/^[^#]+#[^#]+$/)
      .meta({ description: 'A stage of another config: the stage is given by its run.', form: 'FILE#STAGE', names: 'config-stage' })
      .optional(),
    training: trainingSchema.meta({ description: 'What this stage does otherwise than `training` of the experiment.' }).optional(),
    seed: seed.meta({ description: 'Short for `training: { seed: … }`.' }).optional(),
  })
  .meta({
    description: 'A network that is trained once, or given.',
    otherNames: { network: 'model', arch: 'model', size: 'resolution', input_size: 'resolution', distillation: 'distill', kd: 'distill', weights: 'checkpoint', pretrained: 'init' },
  });

const validationSchema = z
  .union([
    z.enum(['none']),
    z.strictObject({
      fraction: z.number().gt(0).lt(1).meta({ description: 'Share of the training list that is held out.', default: defaults.validation.fraction }).optional(),
      seed: seed.meta({ description: 'Decides which images are held out.', default: defaults.validation.seed }).optional(),
    }),
  ])
  .meta({
    description: 'Images of the training list that are held out to choose the best epoch. Presets paper and official-code hold out none.',
    default: defaults.validation,
    form: 'none, or { fraction: SHARE, seed: NUMBER }',
  });

const insideDataset = (what: string) => file.meta({ description: `The folder of ${what}, inside the dataset's folder.`, form: 'the path of a folder', names: 'part' });

const foldersSchema = z
  .strictObject({
    trainImages: insideDataset('training images'),
    trainMasks: insideDataset('their masks'),
    testImages: insideDataset('test images'),
    testMasks: insideDataset('their masks'),
  })
  .meta({ description: 'Where images and masks are, for a dataset whose form is not recognised; an image and its mask have the same name.' });

const datasetSchema = z
  .strictObject({
    root: file.meta({ description: 'The folder of the dataset, relative to this file.', form: 'the path of a folder', names: 'dataset' }),
    name: nameText.meta({ description: "The dataset's name in tables; the folder's name otherwise.", form: nameForm }).optional(),
    train: file.meta({ description: 'The list of training images inside the folder.', default: 'train.txt', form: 'the name of a list file', names: 'list' }).optional(),
    test: file.meta({ description: 'The list of test images inside the folder.', default: 'test.txt', form: 'the name of a list file', names: 'list' }).optional(),
    folders: foldersSchema.optional(),
    validation: validationSchema.optional(),
  })
  .meta({ description: 'The images and their masks.', otherNames: { path: 'root', folder: 'root', data_root: 'root', val: 'validation' } });

const capturesSchema = z
  .strictObject({
    samples: z
      .union([z.int().min(0).max(10_000), z.array(z.string().min(1).meta({ description: 'A test image, by its file name without the extension.', form: 'the name of an image', names: 'sample' })).min(1)])
      .meta({ description: 'How many test images are captured, or which.', default: defaults.captures.samples, unit: 'images', form: 'a number of images or a list of image names' })
      .optional(),
    every: count.meta({ description: 'Epochs between captures.', unit: 'epochs', default: defaults.captures.every }).optional(),
    features: z.boolean().meta({ description: 'Whether whole feature tensors are kept as well.', default: defaults.captures.features }).optional(),
    budget: size
      .meta({ description: 'Space of a run\'s captures, after which it stops capturing.', default: defaults.captures.budget, form: sizeForm })
      .optional(),
  })
  .meta({ description: 'What is kept of activations for the distillation panel.' });

const checkpointsSchema = z
  .strictObject({
    every: count.meta({ description: 'Epochs between checkpoints that are kept.', unit: 'epochs', default: defaults.checkpoints.every }).optional(),
    everyMinutes: z.number().gt(0).max(100_000).meta({ description: 'Time between checkpoints to resume from.', unit: 'minutes', default: defaults.checkpoints.everyMinutes }).optional(),
    select: z
      .enum(['default', 'official'])
      .meta({
        description: 'default: the best on the held-out images, or the last epoch when none are held out. official: the best on the test set.',
        default: defaults.checkpoints.select,
        source: 'official training scripts',
      })
      .optional(),
  })
  .meta({ description: 'Which weights are kept.' });

const evaluationSchema = z
  .strictObject({
    every: count.meta({ description: 'Epochs between evaluations.', unit: 'epochs', default: defaults.evaluation.every }).optional(),
    protocols: z
      .array(z.enum(['scrkd448', 'pysod']))
      .min(1)
      .meta({ description: 'scrkd448: the paper\'s figures, on maps of 448 x 448. pysod: at the original size.', default: [...defaults.evaluation.protocols], source: 'official evaluation script' })
      .optional(),
  })
  .meta({ description: 'How trained stages are measured.' });

const teacherOutputsSchema = z
  .union([
    z.enum(['off']),
    z.strictObject({
      memory: size.meta({ description: 'Memory for kept outputs.', default: defaults.teacherOutputs.memory, form: sizeForm }).optional(),
      disk: size.meta({ description: "Space for kept outputs in the user's cache, those of all teachers together.", default: defaults.teacherOutputs.disk, form: sizeForm }).optional(),
    }),
  ])
  .meta({
    description: 'Whether what the losses read of a frozen teacher is kept for the next time an image comes in the same view. The numbers are the same. Methods that read whole features do without.',
    default: defaults.teacherOutputs,
    form: 'off, or { memory: SIZE, disk: SIZE }',
  });

export const configSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: 'Version of this format.', default: defaults.version }).optional(),
    experiment: nameText.meta({ description: 'Name of the experiment, and of its folder of runs.', form: nameForm }),
    extends: file.meta({ description: 'Another config whose fields hold where this one says nothing; an empty field removes an inherited one.', form: 'the path of a config', names: 'config' }).optional(),
    preset: z
      .enum(['default', 'paper', 'official-code'])
      .meta({ description: 'Where paper and official code differ: our choice, the paper, or the official code with its mistakes.', default: defaults.preset })
      .optional(),
    dataset: datasetSchema,
    stages: z.record(nameText.meta({ form: nameForm }), stageSchema).meta({ description: 'The networks by name, and who teaches whom.', form: 'a block of stages by name' }),
    training: trainingSchema.optional(),
    captures: capturesSchema.optional(),
    checkpoints: checkpointsSchema.optional(),
    evaluation: evaluationSchema.optional(),
    engine: z
      .enum(['auto', 'onnxruntime', 'tensorflow'])
      .meta({ description: 'What computes. auto takes onnxruntime, the faster one on a CPU; tensorflow is installed with scrkd engine install.', default: defaults.engine })
      .optional(),
    device: z
      .enum(['auto', 'cpu', 'webgpu'])
      .meta({ description: 'Where it computes. auto takes the CPU; webgpu is any GPU through onnxruntime (not yet verified on hardware).', default: defaults.device, planned: ['cuda', 'gpu'] })
      .optional(),
    memory: z
      .enum(['auto', 'fast', 'lean'])
      .meta({ description: 'Speed or memory: fast keeps buffers for the next step, lean gives them back (about a third less memory, a sixth more time). auto is fast where that fits.', default: defaults.memory })
      .optional(),
    teacherOutputs: teacherOutputsSchema.optional(),
    threads: count.max(1024).meta({ description: 'CPU threads; the engine chooses otherwise.', unit: 'threads' }).optional(),
  })
  .meta({ title: 'SCRKD experiment', description: 'A distillation experiment: a dataset and a graph of stages.', plannedFields: ['sweep'] });

/** A config as written, once valid. */
export type ConfigFile = z.output<typeof configSchema>;
export type StageFile = ConfigFile['stages'][string];
export type TrainingFile = z.output<typeof trainingSchema>;
