import { isJsonObject, pointerTo, type Json } from '@flow/kernel';
import type { Names, Reader } from './names';
import type { Notes } from './notes';
import { parseGoPath, piecesOf, writePath } from './paths';

/** The Go service left longer texts as they were, unread. */
const LONGEST_READ = 8 * 1024;

/** Writes the texts of a document in our language: the same paths under our names. */
export class Texts {
  constructor(
    private readonly names: Names,
    private readonly notes: Notes,
  ) {}

  /** Every text within a value; keys stay. */
  value(value: Json, pointer: string, reader: Reader): Json {
    if (typeof value === 'string') return value.includes('{{') ? this.text(value, pointer, reader) : value;
    if (Array.isArray(value))
      return (value as readonly Json[]).map((item, i) => this.value(item, pointerTo(pointer, i), reader));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.value(item, pointerTo(pointer, key), reader)]),
    );
  }

  private text(text: string, pointer: string, reader: Reader): string {
    const isLong = Buffer.byteLength(text) > LONGEST_READ;
    const pieces = piecesOf(text);
    if (isLong && pieces.some(({ kind }) => kind === 'expression'))
      this.notes.warn(
        pointer,
        'go.long_text_read',
        'The Go service left the expressions of texts over 8 KB as they stand; here they are filled in. What is no path stays as it is.',
      );
    return pieces
      .map((piece) => (piece.kind === 'raw' ? piece.text : this.expression(piece.text, pointer, reader, isLong)))
      .join('');
  }

  private expression(text: string, pointer: string, reader: Reader, isLong: boolean): string {
    const path = parseGoPath(text);
    if (!path) {
      if (isLong) return `{{{${text}}}}`;
      this.notes.refuse(
        pointer,
        'go.expression_unreadable',
        `Between braces the Go service knows paths alone, and "${shortened(text)}" is none; write {{{ }}} for braces that are meant as such.`,
      );
      return '{{null}}';
    }
    const meaning = this.names.meaningOf(path, reader);
    if (meaning.kind === 'refused') {
      this.notes.refuse(pointer, meaning.code, meaning.message);
      return '{{null}}';
    }
    if (meaning.note !== undefined) {
      if (isLong) return `{{{${text}}}}`;
      this.notes.warn(pointer, 'go.name_unknown', meaning.note);
    }
    const written = meaning.kind === 'text' ? meaning.text : writePath(meaning.path);
    if (written !== undefined) return `{{${written}}}`;
    this.notes.refuse(pointer, 'go.expression_unreadable', `"${shortened(text)}" cannot be written as a path here.`);
    return '{{null}}';
  }
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
