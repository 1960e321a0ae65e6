'use strict';
// What chartjs-node-canvas asks of the package `canvas`, answered by the prebuilt @napi-rs/canvas: nothing is compiled at installation.

// Pictures must not depend on the fonts of the machine they are drawn on: only registered fonts exist.
process.env.DISABLE_SYSTEM_FONTS_LOAD ??= '1';

const skia = require('@napi-rs/canvas');
const nodeCanvas = require('@napi-rs/canvas/node-canvas');

// Two decimals of a pixel are more than a screen shows; Skia writes up to nine, which triples the file.
const shorten = (path) => path.replace(/-?\d*\.\d+/g, (number) => String(Math.round(Number(number) * 100) / 100));

// Skia numbers clip paths and gradients through the life of the process: numbered anew, the same picture is the same file.
function renumber(svg) {
  const numbers = new Map();
  return svg.replace(/\b(id="|url\(#|href="#)([a-z]+)_[0-9a-f]+/g, (found, before, kind) => {
    const name = found.slice(before.length);
    if (!numbers.has(name)) numbers.set(name, `${kind}_${numbers.size}`);
    return before + numbers.get(name);
  });
}

// Skia gives width and height but no viewBox, without which neither CSS nor Markdown can scale the picture.
function svgText(canvas) {
  const size = `viewBox="0 0 ${canvas.width} ${canvas.height}"`;
  const svg = canvas.getContent().toString('utf8').replace('<svg ', `<svg ${size} `);
  return Buffer.from(renumber(svg).replace(/ d="[^"]*"/g, shorten), 'utf8');
}

// A quarter of a circle of radius 1 as one cubic curve: it is off by less than 0.03 % of the radius (Riskus 2006).
const QUARTER = 0.551915024494;

// Skia writes a circle as 64 curves, and a picture has thousands of points: four make a tenth of the file and of the work.
function drawCirclesInFour(canvas) {
  const context = canvas.getContext('2d');
  const arc = context.arc.bind(context);
  context.arc = (x, y, radius, from, to, ...rest) => {
    if (from !== 0 || Math.abs(to) < 2 * Math.PI) {
      arc(x, y, radius, from, to, ...rest);
      return;
    }
    const c = QUARTER * radius;
    context.moveTo(x + radius, y);
    context.bezierCurveTo(x + radius, y + c, x + c, y + radius, x, y + radius);
    context.bezierCurveTo(x - c, y + radius, x - radius, y + c, x - radius, y);
    context.bezierCurveTo(x - radius, y - c, x - c, y - radius, x, y - radius);
    context.bezierCurveTo(x + c, y - radius, x + radius, y - c, x + radius, y);
  };
}

// An SVG canvas with node-canvas's two forms of toBuffer: with a callback, or giving the buffer at once.
function createSvgCanvas(width, height) {
  const canvas = skia.createCanvas(width, height, skia.SvgExportFlag.ConvertTextToPaths);
  drawCirclesInFour(canvas);
  canvas.toBuffer = (callback) => {
    if (typeof callback !== 'function') return svgText(canvas);
    queueMicrotask(() => callback(null, svgText(canvas)));
    return undefined;
  };
  return canvas;
}

function createCanvas(width, height, type) {
  if (skia.GlobalFonts.families.length === 0) {
    throw new Error('Expected a registered font, got none: without one Skia draws no text and says nothing. Call registerFont() first.');
  }
  return type === 'svg' ? createSvgCanvas(width, height) : nodeCanvas.createCanvas(width, height, type);
}

// One assignment per name: Node finds the named exports of a CommonJS module by this form only.
exports.createCanvas = createCanvas;
exports.registerFont = nodeCanvas.registerFont;
exports.deregisterAllFonts = nodeCanvas.deregisterAllFonts;
exports.createImageData = nodeCanvas.createImageData;
exports.loadImage = nodeCanvas.loadImage;
exports.Canvas = nodeCanvas.Canvas;
exports.Image = nodeCanvas.Image;
exports.ImageData = nodeCanvas.ImageData;
