import { isMap, isSeq, parseDocument, stringify, type Document, type Node } from 'yaml';

export type TextFormat = 'json' | 'yaml';

/** Where something stands in a text, in characters. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

export interface ReadText {
  readonly value: unknown;
  /** Why the text cannot be read, and where; then there is no value. */
  readonly fault?: Place & { readonly message: string };
  /** Where what a JSON pointer leads to stands; of what is missing, where it would stand. */
  placeOf(pointer: string): Place;
}

/** JSON is read by the same reader, for the places of its values, and has to be JSON all the same. */
export function readText(text: string, format: TextFormat): ReadText {
  const document = parseDocument(text, { keepSourceTokens: false, prettyErrors: false, logLevel: 'silent' });
  const placeOf = (pointer: string) => placeIn(document, pointer, text.length);
  const [error] = document.errors;
  if (error) {
    const [from, to] = error.pos;
    return { value: undefined, fault: { from, to: Math.max(to, from + 1), message: error.message }, placeOf };
  }
  try {
    return {
      value: format === 'json' ? (JSON.parse(text) as unknown) : (document.toJS({ maxAliasCount: 100 }) as unknown),
      placeOf,
    };
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault);
    const from = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
    return { value: undefined, fault: { from, to: from + 1, message }, placeOf };
  }
}

export const writeText = (value: unknown, format: TextFormat): string =>
  format === 'json'
    ? `${JSON.stringify(value, null, 2)}\n`
    : stringify(value, { lineWidth: 120, aliasDuplicateObjects: false });

function placeIn(document: Document, pointer: string, length: number): Place {
  let node = document.contents;
  let place: Place = { from: 0, to: Math.min(1, length) };
  for (const segment of segmentsOf(pointer)) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String((key as Node & { value?: unknown }).value) === segment);
      if (pair === undefined) break;
      place = rangeOf(pair.key as Node, place);
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      const item = node.items[Number(segment)] as Node | undefined;
      if (item === undefined) break;
      node = item;
      place = rangeOf(isMap(item) ? ((item.items[0]?.key as Node | undefined) ?? item) : item, place);
    } else break;
  }
  // What is wrong with a text or a number is shown at it; with an object, at its key.
  return node === null || isMap(node) || isSeq(node) ? place : rangeOf(node, place);
}

function rangeOf(node: Node, otherwise: Place): Place {
  if (!node.range) return otherwise;
  const [from, to] = node.range;
  return { from, to: Math.max(to, from + 1) };
}

/** The parts of a JSON pointer (RFC 6901). */
export const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
