import type { Fault } from '@flow/kernel';
import { extname } from 'node:path';
import {
  LineCounter,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Document,
  type Node,
} from 'yaml';

/** Enough for anchors that spare repetition; the service takes no more. */
const MOST_ALIASES = 100;

/** Counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A fault and, where the file shows it, its place there. */
export interface PlacedFault extends Fault {
  readonly at?: Place;
}

/** The text cannot be read as JSON or YAML; the faults have their places. */
export class FlowFileUnreadable extends Error {
  constructor(readonly faults: readonly PlacedFault[]) {
    super('The file cannot be read.');
  }
}

/**
 * A file of definitions: one, a list of them, or several YAML documents. Remembers where everything stands, so that a fault which a
 * JSON pointer names can be shown at its line.
 */
export class FlowFile {
  private constructor(
    readonly format: 'json' | 'yaml',
    readonly text: string,
    private readonly documents: readonly Document.Parsed[],
    private readonly lines: LineCounter,
    readonly definitions: readonly unknown[],
    /** Whether pointers begin with the position of a definition. */
    readonly many: boolean,
  ) {}

  /** YAML unless the name ends in .json. @throws FlowFileUnreadable with every fault of the text */
  static read(name: string, text: string): FlowFile {
    const format = extname(name).toLowerCase() === '.json' ? 'json' : 'yaml';
    const lines = new LineCounter();
    try {
      if (format === 'json') JSON.parse(text);
      const read = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
      const documents = 'empty' in read ? [] : read;
      const faults = documents.flatMap(({ errors }) =>
        errors.map(({ message, pos }) => unreadable(message, placeAt(lines, pos[0]))),
      );
      if (faults.length > 0) throw new FlowFileUnreadable(faults);
      const values = documents.map((document) => document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown);
      if (values.length === 0) throw new FlowFileUnreadable([unreadable('The file holds no definition.')]);
      const [only] = values;
      const isList = values.length === 1 && Array.isArray(only);
      const definitions = isList ? (only as unknown[]) : values;
      return new FlowFile(format, text, documents, lines, definitions, isList || values.length > 1);
    } catch (error) {
      if (error instanceof FlowFileUnreadable) throw error;
      throw new FlowFileUnreadable([faultOf(error, text)]);
    }
  }

  /** The pointer of a fault in one definition, as a pointer into the file. */
  pointerIn(position: number, pointer: string): string {
    return this.many ? `/${position}${pointer}` : pointer;
  }

  /** Where a pointer leads to, or the last part of the way to it that is there. */
  placeOf(pointer: string): Place | undefined {
    const path = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const document = this.documents[this.documents.length > 1 ? Number(path.shift() ?? 0) : 0];
    if (!document) return undefined;
    let node: unknown = document.contents;
    let offset = offsetOf(node);
    for (const part of path) {
      if (isAlias(node)) node = node.resolve(document);
      if (isSeq(node)) {
        const item: unknown = node.items[Number(part)];
        if (item === undefined) break;
        node = item;
        offset = offsetOf(node) ?? offset;
      } else if (isMap(node)) {
        const pair = node.items.find((one) => isPair(one) && isScalar(one.key) && String(one.key.value) === part);
        if (!pair) break;
        node = pair.value;
        offset = offsetOf(pair.key) ?? offset;
      } else break;
    }
    return offset === undefined ? undefined : placeAt(this.lines, offset);
  }

  placed(fault: Fault): PlacedFault {
    const at = this.placeOf(fault.pointer);
    return at ? { ...fault, at } : fault;
  }
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function unreadable(message: string, at?: Place): PlacedFault {
  return { pointer: '', code: 'file.unreadable', message, ...(at && { at }) };
}

/** The reader of YAML throws for aliases and for a text that nests too deep, JSON.parse for all that is no JSON. */
function faultOf(error: unknown, text: string): PlacedFault {
  if (error instanceof RangeError) return unreadable('The text nests too deep.');
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SyntaxError)) return unreadable(message);
  const readable = text.slice(0, readableJson(text)).split('\n');
  const at = { line: readable.length, column: (readable.at(-1)?.length ?? 0) + 1 };
  return unreadable('The text is no JSON from here on.', at);
}

/** How many characters some JSON could begin with. Not every Node tells the place of a fault, but all tell whether more could follow. */
function readableJson(text: string): number {
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (couldGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function couldGoOn(start: string): boolean {
  try {
    JSON.parse(start);
    return true;
  } catch (error) {
    const { message } = error as Error;
    return /end of JSON|Unterminated/.test(message) || message.includes(`at position ${start.length}`);
  }
}
