import { FileContentMismatch } from './file.errors';

/** What is text though its type does not begin with `text/`. */
const TEXTS = new Set([
  'application/json',
  'application/xml',
  'application/yaml',
  'application/x-ndjson',
  'application/sql',
]);
const startsWith = (...heads: readonly string[]) => heads.map((head) => Buffer.from(head, 'latin1'));
const ZIP = startsWith('PK\x03\x04', 'PK\x05\x06');

/** How the bytes of types begin that people send; others are taken as they are. */
const BEGINNINGS: Readonly<Record<string, readonly Buffer[]>> = {
  'application/pdf': startsWith('%PDF-'),
  'image/png': startsWith('\x89PNG\r\n\x1a\n'),
  'image/jpeg': startsWith('\xff\xd8\xff'),
  'image/gif': startsWith('GIF87a', 'GIF89a'),
  'application/gzip': startsWith('\x1f\x8b'),
  'application/zip': ZIP,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ZIP,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ZIP,
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ZIP,
};
const LONGEST_BEGINNING = 8;

/** Whether the file is a text, in UTF-8, and a run sees it as one. */
export function isTextType(contentType: string): boolean {
  return contentType.startsWith('text/') || TEXTS.has(contentType) || /\+(json|xml|yaml)$/.test(contentType);
}

/** The same bytes, as long as they are what they are said to be. @throws FileContentMismatch */
export async function* checkedContent(
  contentType: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const beginnings = BEGINNINGS[contentType];
  const decoder = isTextType(contentType) ? new TextDecoder('utf-8', { fatal: true }) : undefined;
  const text = (piece?: Uint8Array) => {
    try {
      if (decoder?.decode(piece, { stream: piece !== undefined }).includes('\0') === true) throw new TypeError();
    } catch {
      throw new FileContentMismatch(contentType, 'it is a text, and these bytes are no text in UTF-8');
    }
  };
  let head: Buffer = Buffer.alloc(0);
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (head.length < LONGEST_BEGINNING) head = Buffer.concat([head, piece.subarray(0, LONGEST_BEGINNING)]);
    text(piece);
    yield piece;
  }
  text();
  if (bytes === 0) throw new FileContentMismatch(contentType, 'there are no bytes');
  if (beginnings && !beginnings.some((one) => head.subarray(0, one.length).equals(one)))
    throw new FileContentMismatch(contentType, 'these bytes begin otherwise');
}
