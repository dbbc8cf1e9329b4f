import type { Caller } from '@flow/auth';
import { FilesService, type UploadedFile } from '@flow/files';
import {
  ANY_TYPE,
  API_PREFIX,
  Answer,
  BodyStream,
  CurrentCaller,
  Endpoint,
  PublicApi,
  type JsonSchema,
} from '@flow/http';
import { Get, Headers, Param, Post, Query } from '@nestjs/common';
import { Readable } from 'node:stream';
import { UploadQuery } from './files.dto';

const text = { type: 'string' } as const;
const fileView: JsonSchema = {
  type: 'object',
  properties: {
    id: { ...text, description: 'The handle: forms take it in the place of the file.' },
    name: text,
    contentType: text,
    bytes: { type: 'integer' },
    sha256: text,
    createdAt: { ...text, format: 'date-time' },
    expiresAt: { ...text, format: 'date-time' },
  },
};

function toFileView({ id, name, contentType, bytes, sha256, createdAt, expiresAt }: UploadedFile) {
  return { id, name, contentType, bytes, sha256, createdAt, expiresAt };
}

/** Files for forms, each its uploader's alone. */
@PublicApi('files', { tag: 'Files' })
export class FilesController {
  constructor(private readonly files: FilesService) {}

  @Post()
  @Endpoint({
    access: 'file.upload',
    action: 'file.upload',
    summary: 'Upload a file, to name it in a form',
    description:
      'The body is the bytes of the file as they are, with its own Content-Type. The handle serves whoever uploaded it for a day, in any number of runs; each run keeps the file for itself.',
    consumes: [ANY_TYPE],
    streams: true,
    answers: { 201: fileView },
    errors: ['file.too_large', 'file.type_refused', 'file.content_mismatch', 'file.too_many'],
  })
  async upload(
    @CurrentCaller() caller: Caller,
    @Query() { name }: UploadQuery,
    @Headers('content-type') type: string,
    @Headers('content-length') length: string | undefined,
    @BodyStream() body: AsyncIterable<Uint8Array>,
  ) {
    const [essence = ''] = type.split(';');
    const upload = { name, contentType: essence.trim().toLowerCase(), ...(length && { bytes: Number(length) }) };
    const file = await this.files.upload(caller, upload, body);
    return new Answer(toFileView(file), { location: `${API_PREFIX}/files/${file.id}` });
  }

  @Get(':id')
  @Endpoint({
    access: 'file.upload',
    summary: 'Read what is known of a file that you have uploaded',
    answers: { 200: fileView },
    errors: ['file.not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    return toFileView(await this.files.get(caller, id));
  }

  @Get(':id/content')
  @Endpoint({
    access: 'file.upload',
    summary: 'Download a file that you have uploaded',
    produces: [ANY_TYPE],
    answers: { 200: { type: 'string', description: 'Its bytes.' } },
    errors: ['file.not_found'],
  })
  async content(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const { file, bytes } = await this.files.content(caller, id);
    return new Answer(Readable.from(bytes, { objectMode: false }), {
      headers: {
        'content-type': file.contentType,
        'content-length': String(file.bytes),
        // Never shown in place: `nosniff` and the policy of all answers do the rest.
        'content-disposition': `attachment; filename*=UTF-8''${escaped(file.name)}`,
      },
    });
  }
}

/** As RFC 8187 has it. */
function escaped(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
