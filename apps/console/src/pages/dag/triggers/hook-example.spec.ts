import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { hookExample, SENDERS, senderOf, type Sender } from './hook-example';

const BODY = '{"hello": "world"}';
const KEY = Buffer.from('a key of some bytes');
const SECRET = `whsec_${KEY.toString('base64')}`;

/** What the lines would send: curl is a function that tells its arguments. */
function sent(signature: object | undefined): readonly string[] {
  const script = `curl() { printf '%s\\n' "$@"; }\n${hookExample('http://flow.test/hooks/1', signature as never)}`;
  return execFileSync('sh', ['-eu', '-c', script], { env: { ...process.env, SECRET }, encoding: 'utf8' })
    .split('\n')
    .filter((line) => !/^(-.*|)$/.test(line));
}
const headerOf = (lines: readonly string[], name: string) =>
  lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
const hmac = (key: string | Buffer, text: string, encoding: 'hex' | 'base64') =>
  createHmac('sha256', key).update(text).digest(encoding);

describe('the example call of a webhook', () => {
  it('sends what is not signed as it is', () => {
    expect(sent(undefined)).toEqual(['http://flow.test/hooks/1', 'Content-Type: application/json', BODY]);
  });

  it('signs as GitHub, Stripe and Slack do', () => {
    const github = sent({ ...SENDERS.github, secrets: ['a'] });
    expect(headerOf(github, 'x-hub-signature-256')).toBe(`sha256=${hmac(SECRET, BODY, 'hex')}`);
    const [, time = '', v1] =
      /^t=(\d+),v1=(.*)$/.exec(headerOf(sent({ ...SENDERS.stripe, secrets: ['a'] }), 'stripe-signature')) ?? [];
    expect(v1).toBe(hmac(SECRET, `${time}.${BODY}`, 'hex'));
    const slack = sent({ ...SENDERS.slack, secrets: ['a'] });
    const at = headerOf(slack, 'x-slack-request-timestamp');
    expect(headerOf(slack, 'x-slack-signature')).toBe(`v0=${hmac(SECRET, `v0:${at}:${BODY}`, 'hex')}`);
  });

  it('signs as Standard Webhooks says, with the bytes of the secret', () => {
    const lines = sent({ ...SENDERS['standard-webhooks'], secrets: ['a'] });
    const [id, at] = [headerOf(lines, 'webhook-id'), headerOf(lines, 'webhook-timestamp')];
    expect(headerOf(lines, 'webhook-signature')).toBe(`v1,${hmac(KEY, `${id}.${at}.${BODY}`, 'base64')}`);
  });

  it('carries out nothing of what a config says', () => {
    const evil = '$(echo pwned)`echo pwned`"; echo pwned; "';
    const lines = sent({ header: 'x-evil', format: `${evil}{hex}`, secrets: ['a'] });
    expect(headerOf(lines, 'x-evil')).toBe(`${evil}${hmac(SECRET, BODY, 'hex')}`);
  });

  it('knows whose way a signature is', () => {
    for (const sender of Object.keys(SENDERS) as Sender[])
      expect(senderOf({ ...SENDERS[sender], secrets: ['a'] })).toBe(sender);
    expect(senderOf({ header: 'stripe-signature', secrets: ['a'] })).toBe('other');
    expect(senderOf(undefined)).toBeUndefined();
  });
});
