/** The inspector's panel. */
import '../shared/start.ts';
import './inspector.css';
import * as l10n from '@vscode/l10n';
import type { InspectorToHost, InspectorToPanel } from '../../src/protocol/inspector.ts';
import { connectToHost } from '../shared/host.ts';
import { Inspector } from './inspector-element.ts';
import { stateVersion, type ViewState } from './view-state.ts';

document.title = l10n.t('SCRKD Inspector');
document.body.append(new Inspector(connectToHost<InspectorToHost, InspectorToPanel, ViewState>(stateVersion)));
