import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/**
 * Reads and decompresses a body. Stops and throws `tooLarge()` as soon as either what came in or what it expands to is over
 * the limit, so that neither a long answer nor a small bomb fills the memory. An encoding that is not known stays as it is.
 */
export async function readBody(
  stream: Readable,
  encoding: string | undefined,
  limitBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  const decoder = decoderOf(encoding);
  const chunks: Buffer[] = [];
  let received = 0;
  const raw = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of counted(source, limitBytes, tooLarge)) {
      received += chunk.length;
      yield chunk;
    }
  };
  const keep = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of counted(source, limitBytes, tooLarge)) chunks.push(chunk);
  };
  if (!decoder) await pipeline(stream, keep);
  else
    await pipeline(stream, raw, decoder, keep).catch((error: unknown) => {
      // Nothing at all is an empty body, whatever encoding it claims.
      if (received > 0 || (error as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR') throw error;
    });
  return Buffer.concat(chunks);
}

async function* counted(
  source: AsyncIterable<Buffer>,
  limitBytes: number,
  tooLarge: () => Error,
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge();
    yield chunk;
  }
}

function decoderOf(encoding: string | undefined): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
}
