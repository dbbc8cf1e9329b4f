import { stripVTControlCharacters } from 'node:util';
import { widthOf } from './layout';

/** Codes that begin and end each. Node's own `styleText` looks at one stream only, and there are two. */
const STYLES = {
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
} as const;

export type Style = keyof typeof STYLES;
export type State = 'ok' | 'warning' | 'fault';

const STYLE_OF: Readonly<Record<State, Style>> = { ok: 'green', warning: 'yellow', fault: 'red' };
const MARK_WIDTH = 8;
const NARROWEST = 60;
const WIDEST = 110;

type Stream = NodeJS.WriteStream;

/** Whatever a terminal would obey, our own colours, tabs and line ends aside. */
const ORDERS = /\x1b(?!\[\d{1,2}m)|[\0-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;
const harmless = (text: string): string => text.replace(ORDERS, '\uFFFD');

/** JSON writes most control characters as escapes already; the rest is done here. */
function jsonText(value: unknown, indent: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(/[\x7f-\x9f]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

/**
 * Where a command writes. What it is asked for goes to the output, what goes on meanwhile and what went wrong to the error output.
 * A terminal obeys nothing of what is said: titles and messages of strangers are in it. Colours only where a person looks (a terminal) and does not forbid them (NO_COLOR).
 */
export class Terminal {
  private shown = 0;

  constructor(
    private readonly out: Stream,
    private readonly err: Stream,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {}

  /** To the output. */
  say(line = ''): void {
    this.out.write(`${harmless(line)}\n`);
  }

  /** To the error output. */
  tell(line = ''): void {
    this.erase();
    this.err.write(`${harmless(line)}\n`);
  }

  /** One document. */
  json(value: unknown): void {
    this.say(jsonText(value, 2));
  }

  /** One line of many that are a document each. */
  jsonLine(value: unknown): void {
    this.say(jsonText(value, 0));
  }

  /** A fault, for a program: one document on the error output. */
  tellJson(value: unknown): void {
    this.tell(jsonText(value, 2));
  }

  /** A text that is the answer itself, such as a file: as it is where nobody looks, harmless on a terminal. */
  write(text: string): void {
    this.out.write(this.out.isTTY ? harmless(text) : text);
  }

  paint(style: Style, text: string): string {
    return this.styled(this.out, style, text);
  }

  paintTold(style: Style, text: string): string {
    return this.styled(this.err, style, text);
  }

  /** `OK`, `WARNING` or `FAULT` (or another word in its colour), as wide as the widest of them. */
  mark(state: State, word = state.toUpperCase()): string {
    return this.paint(STYLE_OF[state], word.padEnd(MARK_WIDTH));
  }

  get width(): number {
    return Math.min(WIDEST, Math.max(NARROWEST, this.out.columns || WIDEST));
  }

  /** How many lines can be drawn so that all of them are seen. */
  get rows(): number {
    return Math.max(1, (this.err.rows || 24) - 2);
  }

  /** Whether lines can be drawn over: a person watches. */
  get isLive(): boolean {
    return this.err.isTTY && this.environment.TERM !== 'dumb';
  }

  /** Draws these lines over those that were drawn last; on anything but a terminal nothing happens. */
  draw(lines: readonly string[]): void {
    if (!this.isLive) return;
    this.erase();
    const most = (this.err.columns || WIDEST) - 1;
    const fitting = lines.slice(-this.rows);
    // A line that is cut loses its colours: the code that ends them could be in what is cut off.
    for (const line of fitting.map(harmless))
      this.err.write(`${widthOf(line) > most ? stripVTControlCharacters(line).slice(0, most) : line}\n`);
    this.shown = fitting.length;
  }

  /** Takes away what was drawn last. */
  erase(): void {
    if (this.shown > 0) this.err.write(`\x1b[${this.shown}A\x1b[J`);
    this.shown = 0;
  }

  private styled(stream: Stream, style: Style, text: string): string {
    const plain = !stream.isTTY || this.environment.TERM === 'dumb' || (this.environment.NO_COLOR ?? '') !== '';
    const [begin, end] = STYLES[style];
    return plain ? text : `\x1b[${begin}m${text}\x1b[${end}m`;
  }
}
