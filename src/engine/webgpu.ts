/**
 * The traced step on a GPU, through onnxruntime's WebGPU provider (Vulkan, Direct3D 12 or Metal). Not yet verified on hardware: it is
 * tested on a software Vulkan.
 *
 * The state never leaves the device: a step's outputs are the next step's inputs. Values go there and back through Identity models,
 * because reading a GPU tensor directly aborts the process.
 */
import * as l10n from '@vscode/l10n';
import type * as Runtime from 'onnxruntime-node';
import { messageOf } from '../base/errors.ts';
import type { DType, Engine, HostTensor, HostTensors, InputSpecs, Program, ProgramStatistics, StepFunction } from './engine.ts';
import { EngineError } from './errors.ts';
import { writeModel } from './onnx/model.ts';
import { loadRuntime, nextName, toHost } from './onnxruntime.ts';
import { CheckedProgram, namesOf } from './program.ts';
import { type Trace, trace } from './trace/trace.ts';
import { statisticsOf } from './trace/statistics.ts';

type OrtTensor = Runtime.Tensor;
type Location = 'cpu' | 'gpu-buffer';

/** Whether onnxruntime's package for this platform has WebGPU. */
export async function hasWebGpu(): Promise<boolean> {
  return knowsWebGpu(await loadRuntime());
}

function knowsWebGpu(runtime: typeof Runtime): boolean {
  return runtime.listSupportedBackends().some(({ name }) => name === 'webgpu');
}

/**
 * @throws {EngineError} `runtime` where the package lacks WebGPU; compiling throws `no-gpu` where there is no usable GPU
 */
export async function createWebGpuEngine(): Promise<Engine> {
  const runtime = await loadRuntime();
  if (!knowsWebGpu(runtime)) {
    throw new EngineError('runtime', l10n.t('onnxruntime has no WebGPU for {0}; use `device: cpu`.', `${process.platform}-${process.arch}`));
  }
  return {
    name: 'onnxruntime',
    device: l10n.t('GPU (WebGPU, not yet verified on hardware)'),
    versions: { onnxruntime: runtime.env.versions.node ?? runtime.env.versions.common },
    compile: (step, inputs) => compile(runtime, step, inputs),
  };
}

async function compile(runtime: typeof Runtime, step: StepFunction, inputs: InputSpecs): Promise<Program> {
  const start = performance.now();
  const traced = trace(step, inputs);
  const { bytes, usedInputs, order } = writeModel(traced, { outputName: nextName });
  const isState = (name: string): boolean => inputs[name]?.kind === 'state';
  const locations = Object.fromEntries(traced.outputs.map(({ name }) => [nextName(name), isState(name) ? 'gpu-buffer' : 'cpu'] as const));
  const session = await createSession(runtime, bytes, locations);
  const names = Object.keys(inputs).filter(isState);
  const [upload, download] = await Promise.all([transfer(runtime, inputs, names, 'gpu-buffer'), transfer(runtime, inputs, names, 'cpu')]);
  return new WebGpuProgram(runtime, { session, upload, download }, inputs, usedInputs, traced.outputs, { graph: statisticsOf(traced, order), compileMilliseconds: performance.now() - start });
}

async function createSession(runtime: typeof Runtime, model: Uint8Array, locations: Readonly<Record<string, Location>>, mayUseCpu = false): Promise<Runtime.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model, {
      executionProviders: [{ name: 'webgpu', preferredLayout: 'NCHW' }],
      preferredOutputLocation: locations,
      logSeverityLevel: 3,
      // A node that the provider lacks would run on the CPU, its data going there and back at every step.
      extra: { session: { intra_op: { allow_spinning: '0' }, ...(mayUseCpu ? {} : { disable_cpu_ep_fallback: '1' }) } },
    });
  } catch (error) {
    if (/WebGPU adapter/i.test(messageOf(error))) {
      throw new EngineError('no-gpu', l10n.t('No GPU that WebGPU can use. It needs a driver for Vulkan (libvulkan.so.1 on Linux), Direct3D 12 or Metal; `device: cpu` always works.'), { cause: error });
    }
    throw new EngineError('runtime', l10n.t('WebGPU could not be used: {0}. It needs a driver for Vulkan (libvulkan.so.1 on Linux), Direct3D 12 or Metal; `device: cpu` always works.', messageOf(error)), { cause: error });
  }
}

/** A model that hands the named states on as they are, to a given place. */
async function transfer(runtime: typeof Runtime, inputs: InputSpecs, names: readonly string[], to: Location): Promise<Runtime.InferenceSession | undefined> {
  if (names.length === 0) return undefined;
  const traced: Trace = trace((tensors) => tensors, Object.fromEntries(names.map((name) => [name, inputs[name]!])));
  const { bytes } = writeModel(traced, { outputName: nextName });
  return createSession(runtime, bytes, Object.fromEntries(names.map((name) => [nextName(name), to])), true);
}

interface Sessions {
  readonly session: Runtime.InferenceSession;
  readonly upload: Runtime.InferenceSession | undefined;
  readonly download: Runtime.InferenceSession | undefined;
}

/** Dawn's and the provider's words for it. */
const lost = /device (was |is )?lost|DeviceLost|device_lost|out of (device )?memory|VK_ERROR_DEVICE_LOST|DXGI_ERROR_DEVICE/i;

export function isDeviceLost(error: unknown): boolean {
  return lost.test(messageOf(error));
}

class WebGpuProgram extends CheckedProgram implements Program {
  readonly statistics: ProgramStatistics;
  readonly #runtime: typeof Runtime;
  readonly #sessions: Sessions;
  readonly #usedInputs: ReadonlySet<string>;
  readonly #outputs: readonly string[];
  readonly #states: readonly string[];
  /** The state on the device. */
  #current: Record<string, OrtTensor> = {};
  /** Nothing on it may be touched any more, not even to give it back. */
  #isLost = false;
  /** Values written since, which go there together before they are needed. */
  readonly #written = new Map<string, OrtTensor>();

  constructor(runtime: typeof Runtime, sessions: Sessions, inputs: InputSpecs, usedInputs: ReadonlySet<string>, outputs: Trace['outputs'], statistics: ProgramStatistics) {
    super(inputs);
    this.#runtime = runtime;
    this.#sessions = sessions;
    this.#usedInputs = usedInputs;
    this.#outputs = outputs.map(({ name }) => name);
    this.#states = namesOf(this.inputs, 'state');
    this.statistics = statistics;
  }

  #tensor({ dtype, data, shape }: HostTensor): OrtTensor {
    return new this.#runtime.Tensor(dtype satisfies DType, data, shape);
  }

  protected override storeState(name: string, value: HostTensor): void {
    this.#written.set(name, this.#tensor({ ...value, data: value.data.slice() }));
  }

  protected override async loadState(name: string): Promise<HostTensor> {
    return (await this.loadStates([name]))[name]!;
  }

  protected override async loadStates(names: readonly string[]): Promise<Record<string, HostTensor>> {
    await this.#flush();
    const results = await this.#run(this.#sessions.download!, this.#current);
    return Object.fromEntries(names.map((name) => [name, toHost(results[nextName(name)]!, true)]));
  }

  /** Brings written values to the device; the others are copied there. */
  async #flush(): Promise<void> {
    if (this.#written.size === 0) return;
    const given = Object.fromEntries(this.#states.map((name) => [name, this.#written.get(name) ?? this.#current[name] ?? this.#zeros(name)]));
    const results = await this.#run(this.#sessions.upload!, given);
    this.#replace(results, this.#states);
    this.#written.clear();
  }

  #zeros(name: string): OrtTensor {
    const { shape, dtype } = this.inputs[name]!;
    const length = shape.reduce((product, extent) => product * extent, 1);
    return this.#tensor({ shape, dtype, data: dtype === 'float32' ? new Float32Array(length) : dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length) });
  }

  /** The old values are given back at once: the garbage collector would not. */
  #replace(results: Readonly<Record<string, OrtTensor>>, names: readonly string[]): void {
    for (const name of names) {
      const old = this.#current[name];
      this.#current[name] = results[nextName(name)]!;
      if (old?.location === 'gpu-buffer') old.dispose();
    }
  }

  async #run(session: Runtime.InferenceSession, given: Readonly<Record<string, OrtTensor>>): Promise<Record<string, OrtTensor>> {
    try {
      return await session.run(given);
    } catch (error) {
      if (isDeviceLost(error)) this.#isLost = true;
      if (this.#isLost) throw new EngineError('device-lost', l10n.t('The GPU was lost: {0}. If it happens again, use a smaller batch or `device: cpu`.', messageOf(error)), { cause: error });
      throw new EngineError('runtime', l10n.t('onnxruntime failed: {0}', messageOf(error)), { cause: error });
    }
  }

  protected override async execute(feeds: HostTensors): Promise<Record<string, HostTensor>> {
    await this.#flush();
    const given: Record<string, OrtTensor> = {};
    for (const name of this.#usedInputs) given[name] = feeds[name] === undefined ? this.#current[name]! : this.#tensor(feeds[name]);
    const results = await this.#run(this.#sessions.session, given);
    this.#replace(results, this.#outputs.filter((name) => this.inputs[name] !== undefined));
    return Object.fromEntries(this.#outputs.filter((name) => this.inputs[name] === undefined).map((name) => [name, toHost(results[nextName(name)]!, true)]));
  }

  protected override async release(): Promise<void> {
    if (this.#isLost) return;
    for (const tensor of Object.values(this.#current)) {
      if (tensor.location === 'gpu-buffer') tensor.dispose();
    }
    this.#current = {};
    this.#written.clear();
    await this.#sessions.session.release();
    await this.#sessions.upload?.release();
    await this.#sessions.download?.release();
  }
}
