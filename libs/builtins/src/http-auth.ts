import type { JsonObject } from '@flow/kernel';

export type HttpAuth =
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'apiKey'; readonly name: string; readonly value: string; readonly in?: 'header' | 'query' }
  | OAuth2Auth;

export interface OAuth2Auth {
  readonly type: 'oauth2';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  readonly audience?: string;
  /** How the client names itself: HTTP Basic (the default), or in the form. */
  readonly clientAuth?: 'header' | 'body';
}

const secret = { type: 'string', 'x-secret': true };

function form(type: string, properties: JsonObject, required: readonly string[]): JsonObject {
  return {
    type: 'object',
    properties: { type: { const: type }, ...properties },
    required: ['type', ...required],
    additionalProperties: false,
  };
}

/** The ways to say who is calling. */
export const authSchema = {
  oneOf: [
    form('basic', { username: secret, password: secret }, ['username', 'password']),
    form('bearer', { token: secret }, ['token']),
    form(
      'apiKey',
      {
        name: { type: 'string', minLength: 1, description: 'Name of the header or of the query parameter' },
        value: secret,
        in: { enum: ['header', 'query'], default: 'header' },
      },
      ['name', 'value'],
    ),
    form(
      'oauth2',
      {
        tokenUrl: { type: 'string', minLength: 1, description: 'Where client credentials are changed into a token' },
        clientId: secret,
        clientSecret: secret,
        scope: { type: 'string' },
        audience: { type: 'string' },
        clientAuth: { enum: ['header', 'body'], default: 'header' },
      },
      ['tokenUrl', 'clientId', 'clientSecret'],
    ),
  ],
};

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
