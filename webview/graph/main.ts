/** The stage graph's panel. */
import '../shared/start.ts';
import { connectToHost } from '../shared/host.ts';
import type { GraphPanelState, GraphToHost, GraphToPanel } from '../../src/protocol/graph.ts';
import { StageGraphPanel } from './stage-graph.ts';

document.body.append(new StageGraphPanel(connectToHost<GraphToHost, GraphToPanel, GraphPanelState>(1)));
