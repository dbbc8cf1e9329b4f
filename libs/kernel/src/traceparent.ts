const GRAMMAR = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** What we speak: it has four fields and no more. */
const VERSION = '00';
/** `sampled` and `random`; what others mean is nobody's to guess. */
const FLAGS = 0b11;

/**
 * What a `traceparent` of W3C Trace Context says, written in version 00; of a later version that is what this one knows of it. Undefined when it is
 * malformed: then there is no trace.
 */
export function readTraceparent(header: string): string | undefined {
  const [, version, traceId, parentId, flags = '', more] = GRAMMAR.exec(header) ?? [];
  if (traceId === undefined || parentId === undefined || (version === VERSION && more !== undefined)) return undefined;
  return [VERSION, traceId, parentId, hexByte(Number.parseInt(flags, 16) & FLAGS)].join('-');
}

export function traceIdOf(traceparent: string): string {
  return traceparent.split('-')[1] ?? '';
}

/** The same trace below another span: its id, 8 bytes that are not all 0. */
export function belowSpan(traceparent: string, span: Uint8Array): string {
  const [version, traceId, , flags] = traceparent.split('-');
  return [version, traceId, [...span].map(hexByte).join(''), flags].join('-');
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
