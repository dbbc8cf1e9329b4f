import type { LivePage } from '@flow/instances';

export const SSE_TYPE = 'text/event-stream';
export const NDJSON_TYPE = 'application/x-ndjson';

/** How a stream is written. */
export interface StreamFormat {
  readonly type: string;
  /** What stands before everything; empty for nothing. */
  readonly opening: string;
  /** The page as text; empty when there is nothing to say. */
  textOf(page: LivePage): string;
}

/** Milliseconds after which a browser comes again when its stream was cut. */
const RETRY_MS = 2_000;

/** Server-sent events without names, so that `onmessage` gets them all; only the end is an event called `end`. */
export const SSE: StreamFormat = {
  type: SSE_TYPE,
  opening: `retry: ${RETRY_MS}\n\n`,
  textOf(page) {
    switch (page.kind) {
      case 'items':
        return page.items.map(({ id, data }) => `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`).join('');
      case 'quiet':
        return ':\n\n';
      case 'end':
        return `event: end\ndata: ${JSON.stringify({ type: 'end', status: page.status })}\n\n`;
    }
  },
};

/** One JSON object a line and nothing else: what readers of lines cannot parse is not sent, so quiet is silence. */
export const NDJSON: StreamFormat = {
  type: NDJSON_TYPE,
  opening: '',
  textOf(page) {
    switch (page.kind) {
      case 'items':
        return page.items.map(({ data }) => `${JSON.stringify(data)}\n`).join('');
      case 'quiet':
        return '';
      case 'end':
        return `${JSON.stringify({ type: 'end', status: page.status })}\n`;
    }
  },
};

/** NDJSON when it is asked for by name and events are not named before it. */
export function formatFor(accept: string | undefined): StreamFormat {
  const types = (accept ?? '').split(',').map((part) => part.split(';')[0]?.trim().toLowerCase());
  const first = types.find((type) => type === SSE_TYPE || type === NDJSON_TYPE);
  return first === NDJSON_TYPE ? NDJSON : SSE;
}
