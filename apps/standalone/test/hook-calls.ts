import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Flows } from './flows';

export interface HookReply {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

type Headers = Readonly<Record<string, string>> | readonly string[];

/** Calls a webhook as the world outside does: with its address, and no token. */
export class HookCalls {
  private readonly agent = new Agent({ connections: 64 });

  constructor(private readonly flows: Flows) {}

  close(): Promise<void> {
    return this.agent.destroy();
  }

  async call(
    url: string,
    body: string | Buffer | null = '{"order":"o-1"}',
    headers: Headers = { 'content-type': 'application/json' },
  ): Promise<HookReply> {
    const { pathname, search } = new URL(url);
    const response = await request(`${this.flows.world.addressOf('public')}${pathname}${search}`, {
      method: 'POST',
      dispatcher: this.agent,
      headers: headers as Record<string, string>,
      ...(body !== null && { body }),
    });
    const text = await response.body.text();
    const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.statusCode, text, json, headers: response.headers };
  }
}

export const SECRET = 'a-secret-that-github-has-too';
export const STANDARD_SECRET = `whsec_${Buffer.from('thirty-two bytes of a shared key').toString('base64')}`;

export function github(body: string | Buffer, secret = SECRET): Record<string, string> {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
}

export function standard(
  body: string | Buffer,
  { id = 'msg_1', at = Math.floor(Date.now() / 1_000), secret = STANDARD_SECRET } = {},
): Record<string, string> {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${signature}`,
  };
}
