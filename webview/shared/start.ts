/** What every panel's `main.ts` imports first: the look, and the window's language. */
import './theme.css';
import * as l10n from '@vscode/l10n';

/** The host writes the window's bundle of translations into the page; there is none in English. */
const contents = document.querySelector('meta[name="scrkd-l10n"]')?.getAttribute('content');
if (contents !== undefined && contents !== null) l10n.config({ contents });
