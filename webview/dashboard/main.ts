import '../shared/start.ts';
import './dashboard.ts';

document.body.append(document.createElement('scrkd-dashboard'));
