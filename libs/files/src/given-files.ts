import { isJsonObject, pointerTo, type DomainId, type Fault, type Json, type JsonObject } from '@flow/kernel';
import { BlobMissing, type BlobStore } from '@flow/platform';
import { FilesUnknown } from './file.errors';
import type { FileStore } from './file.store';
import { HANDLE, fileValueOf, type FileId, type UploadedFile } from './uploaded-file';

/** In whose name handles are given, and when: they have to have served then. */
export interface Uploader {
  readonly principal: string;
  readonly at: Date;
}

/** Data in which files stand in the places of their handles. */
export interface WithFiles {
  readonly data: JsonObject;
  readonly files: readonly UploadedFile[];
}

/** A handle where it stands in the data. */
interface Place {
  readonly key: string;
  readonly index?: number;
  readonly handle: string;
}

/** Files that the start of a run names. */
export class GivenFiles {
  constructor(
    private readonly store: FileStore,
    private readonly blobs: BlobStore,
  ) {}

  /**
   * The data with what a run sees of each file that these fields name. Whoever has uploaded nothing, a time or a message, names none. Texts that are no
   * handle are told alike; what is no text is left for the form to judge. @throws FilesUnknown
   */
  async named(
    domain: DomainId,
    uploader: Uploader | undefined,
    fields: readonly string[],
    data: JsonObject,
  ): Promise<WithFiles> {
    const places = fields.flatMap((key) => placesOf(key, data[key]));
    if (places.length === 0) return { data, files: [] };
    const ids = [...new Set(places.map(({ handle }) => handle))].filter((id): id is FileId => HANDLE.test(id));
    const found = uploader && ids.length > 0 ? await this.store.findMany(domain, uploader.principal, ids) : [];
    const files = new Map(
      found.filter(({ expiresAt }) => uploader && expiresAt > uploader.at).map((one) => [one.id as string, one]),
    );
    const unknown = places.filter(({ handle }) => !files.has(handle));
    if (unknown.length > 0) throw new FilesUnknown(unknown.map(faultOf));
    const valueAt = (value: Json) => {
      const file = typeof value === 'string' ? files.get(value) : undefined;
      return file ? fileValueOf(file) : value;
    };
    const named = new Set(places.map(({ key }) => key));
    const entries = Object.entries(data).map(([key, value]): [string, Json] => {
      if (!named.has(key)) return [key, value];
      return [key, Array.isArray(value) ? (value as readonly Json[]).map(valueAt) : valueAt(value)];
    });
    return { data: Object.fromEntries(entries), files: [...files.values()] };
  }

  /** Gives a run bytes of its own; durable when it resolves. @throws FilesUnknown when they are not there any more */
  async give({ files, data }: WithFiles, run: string): Promise<void> {
    for (const { id, domain, sha256 } of files)
      await this.blobs.share({ domain, owner: id }, sha256, run).catch((error: unknown) => {
        if (!(error instanceof BlobMissing)) throw error;
        const key = Object.keys(data).find((name) => handlesIn(data[name]).includes(id)) ?? '';
        throw new FilesUnknown([faultOf({ key, handle: id })]);
      });
  }
}

function placesOf(key: string, value: Json | undefined): readonly Place[] {
  if (typeof value === 'string') return [{ key, handle: value }];
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((item, index) =>
    typeof item === 'string' ? [{ key, index, handle: item }] : [],
  );
}

function handlesIn(value: Json | undefined): readonly Json[] {
  return [value ?? null].flat().map((one) => (isJsonObject(one) ? (one.id ?? null) : null));
}

function faultOf({ key, index }: Place): Fault {
  const pointer = pointerTo('/data', key);
  return {
    pointer: index === undefined ? pointer : pointerTo(pointer, index),
    code: 'input.file_unknown',
    message: `The field "${key}" takes the id of a file that you have uploaded in the last day (POST /files).`,
  };
}
