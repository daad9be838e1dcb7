// Curves of the built-in model that were recorded, so that there is something to see before anything has run here.
import json from './recorded.json';
import type { Recording } from './curves';

export const recorded = json as unknown as Recording;
