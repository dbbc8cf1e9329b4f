import { LargeValue, type DomainId, type Json, type JsonObject, type Random } from '@flow/kernel';
import { isTextType } from './content-type';

declare const brand: unique symbol;
export type FileId = string & { readonly [brand]: 'file' };

/** How long a handle serves. */
export const FILE_LIFE_MS = 24 * 3_600_000;
/** What a handle looks like; it is also the owner of the bytes in the blob store. */
export const HANDLE = /^file_[A-Za-z0-9_-]{32}$/;
const CHANCE_BYTES = 24;

/** A file that somebody has uploaded and may name in the next day. */
export interface UploadedFile {
  /** Its handle: whoever uploaded it gives this in its place. */
  readonly id: FileId;
  readonly domain: DomainId;
  readonly principal: string;
  /** For people: it is no path, and nothing is found by it. */
  readonly name: string;
  /** Without parameters, in lower case. */
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** One that nobody guesses. */
export function freshHandle(random: Random): FileId {
  return `file_${Buffer.from(random.bytes(CHANCE_BYTES)).toString('base64url')}` as FileId;
}

/** As a run sees it: `content` is its text, or its bytes in Base64, and is read when it is looked into. */
export function fileValueOf({ id, name, contentType, bytes, sha256 }: UploadedFile): JsonObject {
  const stored = { sha256, bytes, form: isTextType(contentType) ? ('text' as const) : ('base64' as const) };
  return { id, name, contentType, bytes, sha256, content: new LargeValue(stored) as unknown as Json };
}
