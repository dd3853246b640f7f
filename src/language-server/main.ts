/** The language server's process; the channel to the editor is in the arguments: `--node-ipc` or `--stdio`. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server.ts';

startServer(createConnection(ProposedFeatures.all));
