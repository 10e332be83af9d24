export { collect, type Evidence } from './collect.js';
export { renderPage } from './page.js';
