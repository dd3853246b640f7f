#!/usr/bin/env node
import { Command } from 'commander';
import * as l10n from '@vscode/l10n';
import { errorText, exitCodeOf } from './errors.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { versions } from './version.ts';

// Errors in a step name the place in its source, not in the bundle.
process.setSourceMapsEnabled(true);

// `scrkd run … | head`: who reads no more does not end a training, it only hears no more of it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Every command is loaded when it is used: `scrkd --help` must not wait for an engine. */
const program = new Command('scrkd')
  .description(l10n.t('Knowledge distillation for salient object detection in remote sensing.'))
  .version(versions['scrkd'] ?? '')
  .exitOverride();

const json = ['--json', l10n.t('one JSON object a line instead of text')] as const;
const resolution = ['--resolution <pixels>', l10n.t('size of the network\'s images, e.g. 112 or 112x160 (height x width), for weights that do not say')] as const;

program
  .command('run <config>')
  .description(l10n.t('train the stages of an experiment, reusing what is done and continuing what was interrupted'))
  .option('--stage <name>', l10n.t('only this stage and the stages it learns from'))
  .option('--dry-run', l10n.t('say what would be done, with sizes and costs, and train nothing'))
  .option('--batches <count>', l10n.t('with --dry-run: also run so many batches of each stage and say shapes, losses, time and memory; nothing is kept'))
  .option('--retrain', l10n.t('train again what could be reused (with --stage: that stage)'))
  .option('--runs <folder>', l10n.t('where the run folders go (default: runs/ beside the config)'))
  .option(...json)
  .action(async (config: string, options: object) => end((await import('./commands/run.ts')).run(config, options)));

program
  .command('resume <run>')
  .description(l10n.t('continue an interrupted run and the rest of its launch'))
  .option(...json)
  .action(async (run: string, options: object) => end((await import('./commands/resume.ts')).resume(run, options)));

program
  .command('fork <run> <config>')
  .description(l10n.t('write a config like that of a run, whose stage starts from a checkpoint of the run'))
  .option('--checkpoint <name>', l10n.t('which checkpoint (default: last)'))
  .action(async (run: string, config: string, options: object) => end((await import('./commands/fork.ts')).fork(run, config, options)));

program
  .command('control <run> <verb> [settings...]')
  .description(l10n.t('ask a running trainer: pause, resume, stop, stop-now, capture, or set name=value (a loss term of its method, temperature, learningRate)'))
  .option(...json)
  .action(async (run: string, verb: string, settings: string[], options: object) => end((await import('./commands/control.ts')).control(run, verb, settings, options)));

program
  .command('runs [folder]')
  .description(l10n.t('list the runs below a runs folder (default: ./runs)'))
  .option(...json)
  .action(async (folder: string | undefined, options: object) => end((await import('./commands/runs.ts')).runs(folder ?? 'runs', options)));

program
  .command('check <configs...>')
  .description(l10n.t('check config files without running anything'))
  .option(...json)
  .option('--sarif', l10n.t('one SARIF log, for code hosts and CI services'))
  .option('--memory', l10n.t('estimate as well whether the memory is enough (takes seconds a stage)'))
  .action(async (configs: string[], options: object) => end((await import('./commands/check.ts')).check(configs, options)));

program
  .command('predict <source> <images...>')
  .description(l10n.t('saliency maps of images or folders, by a run or a file of weights (.safetensors, .pth)'))
  .requiredOption('--out <folder>', l10n.t('where the maps go'))
  .option(...resolution)
  .action(async (source: string, images: string[], options: { out: string; resolution?: string }) => end((await import('./commands/predict.ts')).predict(source, images, options)));

program
  .command('evaluate <sources...>')
  .description(l10n.t('figures and curves of runs, files of weights, or folders of saliency maps'))
  .option('--dataset <folder>', l10n.t('the dataset (default: that of the run)'))
  .option('--masks <folder>', l10n.t('masks for folders of saliency maps, by file name'))
  .option('--split <name>', l10n.t('train, validation or test (default: test)'))
  .option('--protocol <names>', l10n.t('scrkd448, pysod or both, separated by a comma (default: both)'))
  .option('--checkpoint <name>', l10n.t('of a run: last, best, epoch-0012 (default: the selected one)'))
  .option(...resolution)
  .option('--out <folder>', l10n.t('write tables (CSV, JSON) and charts (SVG) there'))
  .option('--maps', l10n.t('with --out: write the saliency maps of networks, too'))
  .option('--skip-missing', l10n.t('leave out masks without a saliency map'))
  .option(...json)
  .action(async (sources: string[], options: object) => end((await import('./commands/evaluate.ts')).evaluate(sources, options)));

program
  .command('export <source>')
  .description(l10n.t('an ONNX model of a run or a file of weights'))
  .requiredOption('--out <file>', l10n.t('the model to write'))
  .option(...resolution)
  .option(...json)
  .action(async (source: string, options: { out: string }) => end((await import('./commands/export.ts')).exportModel(source, options)));

const weights = program.command('weights').description(l10n.t('look into files of weights, and convert them'));
weights
  .command('inspect <source>')
  .description(l10n.t('what a file of weights holds, and which network it fits'))
  .option('--tensors', l10n.t('list every tensor'))
  .option(...json)
  .action(async (source: string, options: object) => end((await import('./commands/weights.ts')).inspect(source, options)));
weights
  .command('convert <source> <target>')
  .description(l10n.t('write the weights of a run or a file as .safetensors or PyTorch .pth'))
  .option('--part <name>', l10n.t('one network of a file that holds several: student, teacher, teacher.teacher'))
  .action(async (source: string, target: string, options: object) => end((await import('./commands/weights.ts')).convert(source, target, options)));

const dataset = program.command('dataset').description(l10n.t('make and check datasets'));
dataset
  .command('synth <folder>')
  .description(l10n.t('a deterministic dataset of synthetic aerial scenes'))
  .option('--train <count>', l10n.t('training scenes'), '120')
  .option('--test <count>', l10n.t('test scenes'), '40')
  .option('--size <pixels>', l10n.t('side of a scene'), '256')
  .option('--seed <number>', l10n.t('another seed, other scenes'), '2025')
  .action(async (folder: string, options: { train: string; test: string; size: string; seed: string }) => end((await import('./commands/dataset.ts')).synth(folder, options)));
dataset
  .command('check <source>')
  .description(l10n.t('counts, statistics, and what is wrong with a dataset: a folder, or that of a config'))
  .option('--all', l10n.t('list every problem instead of a few of each kind'))
  .option(...json)
  .action(async (folder: string, options: object) => end((await import('./commands/dataset.ts')).check(folder, options)));

const engine = program.command('engine').description(l10n.t('install and try the optional engine TensorFlow'));
engine
  .command('install')
  .description(l10n.t('fetch TensorFlow into the user\'s cache (274 MB; with an NVIDIA GPU 3.4 GB) and try it; an interrupted installation goes on'))
  .option('--cpu', l10n.t('the CPU build, also where there is an NVIDIA GPU'))
  .option('--gpu', l10n.t('with NVIDIA\'s libraries, also where no GPU answers'))
  .option('--force', l10n.t('begin anew'))
  .option('--python <command>', l10n.t('a Python with pip, which only fetches and unpacks (default: python3)'))
  .action(async (options: object) => end((await import('./commands/engine.ts')).install(options)));
engine
  .command('probe')
  .description(l10n.t('load TensorFlow and let it compute'))
  .option('--cpu', l10n.t('the CPU build'))
  .option('--gpu', l10n.t('the build with NVIDIA\'s libraries'))
  .action(async (options: object) => end((await import('./commands/engine.ts')).probe(options)));

program
  .command('doctor')
  .description(l10n.t('whether everything that training needs works on this machine'))
  .option('--compare', l10n.t('also train a small student for four steps on every engine, and show numbers and times side by side'))
  .option(...json)
  .action(async (options: object) => end((await import('./commands/doctor.ts')).doctor(options)));

/** Ends by draining the loop: `process.exit` could cut off output, or hang in a native addon. */
async function end(command: Promise<ExitCode>): Promise<void> {
  process.exitCode = await command;
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage; // commander has said what was wrong
  } else {
    process.stderr.write(`${errorText(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
