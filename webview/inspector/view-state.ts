/** What a person chose in the inspector; kept over reloads. */
import type { ArmRole, InspectorTab, Operand } from '../../src/protocol/inspector.ts';
import type { PanelState } from '../shared/host.ts';
import type { MagnitudeMap } from './colour.ts';
import type { Window } from './painting.ts';

export const stateVersion = 1;

/** 0 channel-wise, 1 height-wise, 2 width-wise. */
export type ViewIndex = 0 | 1 | 2;

export interface ViewState extends PanelState {
  readonly version: typeof stateVersion;
  readonly folder: string | undefined;
  readonly tab: InspectorTab;
  readonly sample: string | undefined;
  /** undefined: the newest. */
  readonly epoch: number | undefined;
  readonly speed: '1' | '2' | '4';
  readonly map: MagnitudeMap;
  readonly scale: 'shared' | 'own';
  readonly order: 'index' | 'clustered';
  readonly operand: Operand;
  /** Which arm's difference to the reference is shown. */
  readonly difference: 'distilled' | 'plain';
  /** From 0. */
  readonly stage: number;
  readonly view: ViewIndex;
  readonly row: number | undefined;
  readonly column: number | undefined;
  /** The arm whose row is projected onto the image. */
  readonly arm: ArmRole;
  readonly zoomed: boolean;
  /** Zoom and pan of all pictures. */
  readonly window: Window;
  /** Limits set by hand on the colour bar, as shares of the automatic ones; undefined: automatic. */
  readonly level: { readonly low: number; readonly high: number } | undefined;
  readonly threshold: number;
  readonly errors: 'orange-blue' | 'red-green';
  readonly swipe: { readonly left: ArmRole; readonly right: ArmRole; readonly at: number };
  /** Whether the arms of the swipe are shown in turn. */
  readonly blinking: boolean;
  readonly ranking: 'maxF' | 'mae' | 's';
  readonly temperature: number | undefined;
  readonly normalise: 'map' | 'arms';
  readonly channel: number | undefined;
  readonly channelOrder: 'distance' | 'index';
  /** Dots per inch of an exported PNG. */
  readonly dpi: ExportDpi;
}

export const exportDpis = ['150', '300', '600'] as const;
export type ExportDpi = (typeof exportDpis)[number];

export function initialState(folder: string | undefined): ViewState {
  return {
    version: stateVersion,
    folder,
    tab: 'correlation',
    sample: undefined,
    epoch: undefined,
    speed: '1',
    map: 'viridis',
    scale: 'shared',
    order: 'clustered',
    operand: 'loss',
    difference: 'distilled',
    stage: 2,
    view: 1,
    row: undefined,
    column: undefined,
    arm: 'teacher',
    zoomed: false,
    window: { x: 0, y: 0, size: 1 },
    level: undefined,
    threshold: 0.5,
    errors: 'orange-blue',
    swipe: { left: 'plain', right: 'distilled', at: 0.5 },
    blinking: false,
    ranking: 'maxF',
    temperature: undefined,
    normalise: 'map',
    channel: undefined,
    channelOrder: 'distance',
    dpi: '300',
  };
}
