import type { ReportFormat } from '../format.js';
import { renderJson } from './render.js';

export const json: ReportFormat = {
  name: 'json',
  file: 'summary.json',
  run: (summary) => renderJson(summary),
  comparison: ({ comparison, confirmation }) =>
    renderJson(confirmation === null ? comparison : { ...comparison, confirmation }),
};
