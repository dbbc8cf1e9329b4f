import type { StepState } from './graph';
import type { Box, Layout, Placed } from './layout';

/** What part of the picture is looked at: `zoom` times as large, its corner moved to `x`, `y` of the window. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Colours of the theme, by the names of their custom properties. */
export type ColourOf = (name: string) => string;

/** So many steps are drawn as elements at most; of more in sight each change of the view would take longer than a frame. */
const NEAR = 120;
const TEXT_FROM = 0.4;
const BAR = 3;

const isIn = (box: Box, view: View, { width, height }: Size): boolean =>
  (box.x + box.width) * view.zoom + view.x > 0 &&
  box.x * view.zoom + view.x < width &&
  (box.y + box.height) * view.zoom + view.y > 0 &&
  box.y * view.zoom + view.y < height;

/** Whether more steps are in sight than can be moved as elements. */
export function isFar(placed: readonly Placed[], view: View, size: Size): boolean {
  let count = 0;
  for (const one of placed) {
    if (one.kind !== 'body' && isIn(one, view, size)) count += 1;
    if (count > NEAR) return true;
  }
  return false;
}

/** The step at a point of the picture, the innermost one. */
export function stepAt(placed: readonly Placed[], x: number, y: number): string | undefined {
  const there = placed.filter(
    (one) => one.kind !== 'body' && x >= one.x && x <= one.x + one.width && y >= one.y && y <= one.y + one.height,
  );
  return there.sort((a, b) => b.depth - a.depth)[0]?.id;
}

interface Picture {
  readonly layout: Layout;
  readonly states: ReadonlyMap<string, StepState> | undefined;
  readonly selected: string | undefined;
  /** The custom property with the colour of a status. */
  readonly toneOf: (status: StepState['status']) => string;
}

/** All that is in sight, drawn at once: the same boxes in the same colours as elements have, without what cannot be read from far. */
export function drawFar(
  canvas: CanvasRenderingContext2D,
  picture: Picture,
  view: View,
  size: Size,
  colourOf: ColourOf,
) {
  const { layout, states, selected, toneOf } = picture;
  const line = colourOf('--console-line');
  const muted = colourOf('--state-muted');
  canvas.clearRect(0, 0, size.width, size.height);
  canvas.save();
  canvas.translate(view.x, view.y);
  canvas.scale(view.zoom, view.zoom);
  drawLines(canvas, layout, view, size, muted);
  canvas.textBaseline = 'middle';
  for (const one of layout.placed) {
    if (!isIn(one, view, size)) continue;
    const status = states?.get(one.id)?.status;
    const tone = status === undefined ? line : colourOf(toneOf(status));
    if (one.kind === 'body') {
      canvas.strokeStyle = line;
      canvas.strokeRect(one.x, one.y, one.width, one.height);
      continue;
    }
    canvas.fillStyle = colourOf(one.kind === 'step' ? '--console-raised' : '--console-ground');
    canvas.fillRect(one.x, one.y, one.width, one.height);
    canvas.lineWidth = one.id === selected ? 4 : 1;
    canvas.strokeStyle = one.id === selected ? colourOf('--mantine-primary-color-filled') : tone;
    canvas.strokeRect(one.x, one.y, one.width, one.height);
    canvas.lineWidth = 1;
    canvas.fillStyle = tone;
    // From very far the bar is all that tells how a step stands.
    canvas.fillRect(one.x, one.y, view.zoom < TEXT_FROM ? one.width / 4 : BAR, one.height);
    if (view.zoom >= TEXT_FROM)
      drawTexts(canvas, one, states?.get(one.id)?.note, colourOf('--mantine-color-text'), muted);
  }
  canvas.restore();
}

function drawTexts(
  canvas: CanvasRenderingContext2D,
  { step, x, y, width }: Placed,
  note: string | undefined,
  text: string,
  muted: string,
) {
  if (step === undefined) return;
  const room = width - 40;
  canvas.fillStyle = text;
  canvas.font = '600 13px sans-serif';
  canvas.fillText(step.title.slice(0, 28), x + 32, y + 15, room);
  canvas.fillStyle = muted;
  canvas.font = '11px sans-serif';
  canvas.fillText((note ?? step.operator).slice(0, 34), x + 32, y + 31, room);
}

function drawLines(
  canvas: CanvasRenderingContext2D,
  { placed, edges }: Layout,
  view: View,
  size: Size,
  colour: string,
) {
  const byId = new Map(placed.map((one) => [one.id, one]));
  canvas.strokeStyle = colour;
  canvas.lineWidth = Math.max(1, 0.6 / view.zoom);
  canvas.beginPath();
  for (const { from, to } of edges) {
    const [above, below] = [byId.get(from), byId.get(to)];
    if (above === undefined || below === undefined) continue;
    const [x1, y1] = [above.x + above.width / 2, above.y + above.height];
    const [x2, y2] = [below.x + below.width / 2, below.y];
    const around = {
      x: Math.min(x1, x2),
      y: Math.min(y1, y2),
      width: Math.abs(x2 - x1) + 1,
      height: Math.abs(y2 - y1) + 1,
    };
    if (!isIn(around, view, size)) continue;
    const middle = (y1 + y2) / 2;
    canvas.moveTo(x1, y1);
    canvas.lineTo(x1, middle);
    canvas.lineTo(x2, middle);
    canvas.lineTo(x2, y2);
  }
  canvas.stroke();
}
