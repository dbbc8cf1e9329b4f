import type { Deliveries } from '@flow/deliveries';
import { withLarge, type Json } from '@flow/kernel';
import { BlobMissing, type BlobPlace } from '@flow/platform';
import type { EndCallback } from './end-callback';
import type { LargeValues } from './large-values';
import type { Projector } from './projector';
import { traceBelow } from './tracing';

/** A result or a reason that makes the body longer than this stays with the instance. */
export const LARGEST_BODY = 1024 * 1024;

/** Hands what runs tell at their end to the deliveries, once it is in the rows. */
export class CallbackSender {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly projector: Projector,
    private readonly large: LargeValues,
  ) {}

  /** Taking a message twice changes nothing: its id is that of the delivery. */
  async deliver(id: string, stored: EndCallback): Promise<void> {
    const message = withLarge(stored);
    const { domain, instance, url, traceparent } = message;
    // Who is told of the end and looks at once finds it.
    if (this.projector.isBehind(instance)) await this.projector.caughtUp();
    const trace = traceparent === undefined ? {} : { traceparent: traceBelow(traceparent, id) };
    await this.deliveries.add({ id, domain, instance, url, body: await this.bodyOf(message), ...trace });
  }

  /** The same text however often it is asked for. What is too large is null, and it says so. */
  private async bodyOf({ domain, instance, dagId, status, result, reason }: EndCallback): Promise<string> {
    const place = { domain, owner: instance };
    const reasonText = await this.textWithin(place, reason, LARGEST_BODY / 4);
    const resultText = await this.textWithin(place, result, LARGEST_BODY - (reasonText?.length ?? 0));
    const { code, message, stepId, path, attempt } = reason ?? {};
    return [
      `{"id":${JSON.stringify(instance)},"dagId":${JSON.stringify(dagId)},"status":"${status}"`,
      `"result":${resultText ?? 'null,"resultTruncated":true'}`,
      `"reason":${reasonText ?? `${JSON.stringify({ code, message, stepId, path, attempt })},"reasonTruncated":true`}}`,
    ].join(',');
  }

  /** JSON text with large values written out; undefined when it is longer, or is not to be had any more. */
  private async textWithin(place: BlobPlace, value: Json, limitBytes: number): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of this.large.json(place, value)) {
        bytes += piece.length;
        if (bytes > limitBytes) return undefined;
        pieces.push(piece);
      }
    } catch (error) {
      if (error instanceof BlobMissing) return undefined;
      throw error;
    }
    return Buffer.concat(pieces).toString('utf8');
  }
}
