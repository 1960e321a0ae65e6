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

// An SVG canvas with node-canvas's two forms of toBuffer: with a callback, or giving the buffer at once.
function createSvgCanvas(width, height) {
  const canvas = skia.createCanvas(width, height, skia.SvgExportFlag.ConvertTextToPaths);
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
