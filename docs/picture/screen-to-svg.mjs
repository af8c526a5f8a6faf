/**
 * A terminal's screen, as tmux prints it with its escape sequences, as SVG.
 *
 * Text stays text; block characters become rectangles, so that bars have no gaps whatever the font. Every run of text
 * is given its exact width, so that columns stand under each other even where the font is another one.
 */

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const MARGIN = 12;
const FONT_SIZE = 14;
const BACKGROUND = "#1b1e24";
const FOREGROUND = "#d8dce3";
/** The eight colours of a terminal, and their bright forms. */
const PALETTE = [
  ...["#5c6370", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dce3"],
  ...["#7f8794", "#ef8a92", "#b2dd94", "#f0d399", "#82c4ff", "#d896ea", "#79d0da", "#ffffff"],
];

const PLAIN = { color: FOREGROUND, background: null, isBold: false, isDim: false, isReverse: false };

/** The style after one SGR sequence with these parameters. */
function restyle(style, parameters) {
  const next = { ...style };
  for (const code of parameters.length > 0 ? parameters : [0]) {
    if (code === 0) Object.assign(next, PLAIN);
    else if (code === 1) next.isBold = true;
    else if (code === 2) next.isDim = true;
    else if (code === 7) next.isReverse = true;
    else if (code === 22) Object.assign(next, { isBold: false, isDim: false });
    else if (code === 27) next.isReverse = false;
    else if (code >= 30 && code <= 37) next.color = PALETTE[code - 30];
    else if (code === 39) next.color = FOREGROUND;
    else if (code >= 40 && code <= 47) next.background = PALETTE[code - 40];
    else if (code === 49) next.background = null;
    else if (code >= 90 && code <= 97) next.color = PALETTE[code - 82];
    else if (code >= 100 && code <= 107) next.background = PALETTE[code - 92];
  }
  return next;
}

/** Lines of cells: a character and its style each. */
function readCells(screen) {
  let style = PLAIN;
  return screen.split("\n").map((line) => {
    const cells = [];
    for (const [, sgr, character] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b\x0e\x0f])/gu)) {
      if (character !== undefined) cells.push({ character, style });
      else style = restyle(style, sgr === "" ? [] : sgr.split(";").map(Number));
    }
    return cells;
  });
}

/** The part of a cell that a block character fills, as [x, y, width, height] in cells, or null. */
function blockOf(character) {
  const code = character.codePointAt(0);
  if (code >= 0x2581 && code <= 0x2588) return [0, 1 - (code - 0x2580) / 8, 1, (code - 0x2580) / 8];
  if (code >= 0x2589 && code <= 0x258f) return [0, 0, (0x2590 - code) / 8, 1];
  return null;
}

const escapeText = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const number = (value) => String(Number(value.toFixed(2)));

function rectangle(x, y, width, height, fill, opacity) {
  const box = `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`;
  return `<rect ${box} fill="${fill}"${opacity < 1 ? ` opacity="${opacity}"` : ""}/>`;
}

/** Colours as they are seen, with reverse video and dimming taken into account. */
function seen(style) {
  const [ink, paper] = style.isReverse
    ? [style.background ?? BACKGROUND, style.color]
    : [style.color, style.background];
  return { ink, paper, opacity: style.isDim ? 0.6 : 1, isBold: style.isBold };
}

/** Runs of cells that look alike: all text, or all the same block. */
function runsOf(cells) {
  const runs = [];
  cells.forEach(({ character, style }, column) => {
    const look = JSON.stringify([seen(style), blockOf(character)]);
    const last = runs.at(-1);
    const isPartOfCell = (blockOf(character)?.[2] ?? 1) < 1;
    if (last?.look === look && !isPartOfCell) last.text += character;
    else runs.push({ look, style: seen(style), block: blockOf(character), column, text: character });
  });
  return runs.map((run) => ({ ...run, length: [...run.text].length }));
}

function drawRun(run, row) {
  const x = MARGIN + run.column * CELL_WIDTH;
  const y = MARGIN + row * CELL_HEIGHT;
  const width = run.length * CELL_WIDTH;
  const { ink, paper, opacity, isBold } = run.style;
  const drawn = paper ? [rectangle(x, y, width, CELL_HEIGHT, paper, 1)] : [];
  if (run.block) {
    const [, top, share, height] = run.block;
    drawn.push(rectangle(x, y + top * CELL_HEIGHT, width * share, height * CELL_HEIGHT, ink, opacity));
  } else if (run.text.trim() !== "") {
    // Spaces at the ends are left out: not every viewer keeps them.
    const text = run.text.trim();
    const indent = run.text.length - run.text.trimStart().length;
    const look = `fill="${ink}"${opacity < 1 ? ` opacity="${opacity}"` : ""}${isBold ? ' font-weight="bold"' : ""}`;
    const at = `x="${number(x + indent * CELL_WIDTH)}" y="${number(y + CELL_HEIGHT * 0.74)}"`;
    const textWidth = `textLength="${number([...text].length * CELL_WIDTH)}" lengthAdjust="spacingAndGlyphs"`;
    drawn.push(`<text ${at} ${textWidth} ${look}>${escapeText(text)}</text>`);
  }
  return drawn;
}

/** The whole screen as one SVG document. */
export function screenToSvg(screen, { columns, rows, title }) {
  const width = number(2 * MARGIN + columns * CELL_WIDTH);
  const height = number(2 * MARGIN + rows * CELL_HEIGHT);
  const lines = readCells(screen).slice(0, rows);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT_SIZE}" xml:space="preserve" style="white-space: pre">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>`,
    ...lines.flatMap((cells, row) => runsOf(cells).flatMap((run) => drawRun(run, row))),
    "</svg>",
    "",
  ].join("\n");
}
