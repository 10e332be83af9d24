// node tools/picture.mjs RUN FILE.svg: the table of a run as `kmatrix report` shows it on a terminal, as a picture.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $, argv, quote } from 'zx';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [run, file] = argv._.map(String);
if (file === undefined) {
  console.error('usage: node tools/picture.mjs RUN FILE.svg');
  process.exit(2);
}
const kmatrix = [process.execPath, join(root, 'dist/harness/cli/main.js')];
const width = 172;
const height = { line: 17, text: 13 };
const charWidth = 7.8;
const colours = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
};

/** SGR (ECMA-48). */
const ESC = String.fromCharCode(27);
const look = new RegExp(`(${ESC}\\[[\\d;]*m)`);

// on a terminal of its own, since only there it has colours
const report = [...kmatrix, 'report', run].map((word) => quote(word)).join(' ');
const { stdout } = await $`script -qec ${`stty cols ${width}; ${report}`} /dev/null`.quiet();
const lines = tableOf(stdout.replaceAll('\r', '').split('\n'));
const rows = lines.map((line, row) =>
  pieces(line)
    .map((piece) => tspan(piece, row))
    .join(''),
);
const size = `${Math.ceil((width + 2) * charWidth)} ${(lines.length + 2) * height.line}`;
await writeFile(
  file,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${height.text}" role="img">
<title>The table of run ${run}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<text xml:space="preserve" fill="#e6edf3">
${rows.join('\n')}
</text>
</svg>
`,
);

/** From the verdict to the table's last row. */
function tableOf(all) {
  const rule = all.findIndex((line) => plain(line).startsWith('───'));
  if (rule < 0) throw new Error('the report has no table');
  const end = all.findIndex((line, at) => at > rule && plain(line).trim() === '');
  return all.slice(0, end < 0 ? undefined : end);
}

function plain(line) {
  return pieces(line)
    .map(({ text }) => text)
    .join('');
}

/** A line's runs of one look, by foreground colours, bold and faint. */
function pieces(line) {
  const found = [];
  let [colour, isBold, isFaint, column] = [undefined, false, false, 0];
  for (const part of line.split(look)) {
    const codes = look.test(part) ? part.slice(2, -1) : undefined;
    if (codes === undefined) {
      if (part !== '') found.push({ text: part, colour, isBold, isFaint, column });
      column += [...part].length;
      continue;
    }
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) [colour, isBold, isFaint] = [undefined, false, false];
      else if (code === 1) isBold = true;
      else if (code === 2) isFaint = true;
      else if (code === 22) [isBold, isFaint] = [false, false];
      else if (code === 39) colour = undefined;
      else if (colours[code]) colour = colours[code];
    }
  }
  return found;
}

function tspan({ text, colour, isBold, isFaint, column }, row) {
  const x = ((column + 1) * charWidth).toFixed(1);
  const y = (row + 1.6) * height.line;
  const attributes = [
    colour && ` fill="${colour}"`,
    isBold && ' font-weight="bold"',
    isFaint && ' opacity="0.6"',
    ` textLength="${([...text].length * charWidth).toFixed(1)}"`,
  ];
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<tspan x="${x}" y="${y.toFixed(1)}"${attributes.filter(Boolean).join('')}>${escaped}</tspan>`;
}
