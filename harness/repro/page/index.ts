export { collect, type Evidence } from './collect.js';
export { renderPage } from './render-page.js';
