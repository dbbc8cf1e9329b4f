import { LargeValue, isJsonObject, type Json, type JsonObject } from '@flow/kernel';

/** A file as a run sees it. */
export interface FileValue extends JsonObject {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

const KEYS = ['bytes', 'content', 'contentType', 'id', 'name', 'sha256'];

/**
 * Whether it is a file whose bytes this service has: nothing that comes from outside holds a `LargeValue`, so that only the service itself, or a run that
 * hands on what it has, can have made it.
 */
export function isFileValue(value: Json | undefined): value is FileValue {
  if (!isJsonObject(value) || value instanceof LargeValue || Object.keys(value).sort().join() !== KEYS.join())
    return false;
  const { id, name, contentType, bytes, sha256, content } = value;
  if (![id, name, contentType].every((text) => typeof text === 'string') || !(content instanceof LargeValue))
    return false;
  return content.isWhole && content.stored.bytes === bytes && content.stored.sha256 === sha256;
}
