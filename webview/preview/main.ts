import '../shared/start.ts';
import './preview.ts';

document.body.append(document.createElement('scrkd-preview'));
