import { state } from './state.js';

// Imported first by the probe that attaches: it must be told before the other modules make their tags.
state.traceless = true;
