import type { JsonObject } from './trigger-draft';

interface Scheme {
  readonly header: string;
  readonly format?: string;
  readonly payload?: string;
  readonly timestampHeader?: string;
  readonly idHeader?: string;
  readonly algorithm?: string;
  readonly key?: string;
}

/** How well-known senders sign (docs/triggers.md); the service knows the first two by their names. */
export const SENDERS = {
  github: { preset: 'github' },
  'standard-webhooks': { preset: 'standard-webhooks' },
  stripe: { header: 'stripe-signature', format: 't={timestamp},v1={hex}' },
  slack: {
    header: 'x-slack-signature',
    format: 'v0={hex}',
    payload: 'v0:{timestamp}:{body}',
    timestampHeader: 'x-slack-request-timestamp',
  },
  other: { header: 'x-signature', format: '{hex}' },
} as const satisfies Readonly<Record<string, JsonObject>>;
export type Sender = keyof typeof SENDERS;

const PRESETS: Readonly<Record<string, Scheme>> = {
  github: { header: 'x-hub-signature-256', format: 'sha256={hex}' },
  'standard-webhooks': {
    header: 'webhook-signature',
    format: 'v1,{base64}',
    payload: '{id}.{timestamp}.{body}',
    timestampHeader: 'webhook-timestamp',
    idHeader: 'webhook-id',
    key: 'base64',
  },
};

/** Whose way of signing a webhook names; undefined for one whose calls are not signed. */
export function senderOf(signature: JsonObject | undefined): Sender | undefined {
  if (signature === undefined) return undefined;
  const names = Object.keys(SENDERS) as Sender[];
  const same = (sender: Sender) => Object.entries(SENDERS[sender]).every(([key, value]) => signature[key] === value);
  return names.find((sender) => sender !== 'other' && same(sender)) ?? 'other';
}

/** Within double quotes of a shell, so that nothing of it is carried out. */
const quoted = (text: string) => text.replace(/[\\"$`]/g, '\\$&').replaceAll(/[\r\n]/g, ' ');

/** Lines for a shell that call a webhook as its sender has to: the secret is in SECRET. */
export function hookExample(url: string, signature: JsonObject | undefined): string {
  const lines = [`BODY='{"hello": "world"}'`];
  const headers = ['Content-Type: application/json'];
  if (signature !== undefined) {
    const scheme = PRESETS[String(signature['preset'])] ?? (signature as unknown as Scheme);
    const { format = '{hex}', timestampHeader, idHeader, algorithm = 'sha256', key } = scheme;
    const isTimed = format.includes('{timestamp}') || timestampHeader !== undefined;
    const { payload = isTimed ? '{timestamp}.{body}' : '{body}' } = scheme;
    const filled = (text: string) =>
      quoted(text)
        .replaceAll('{timestamp}', '$TIME')
        .replaceAll('{id}', '$ID')
        .replaceAll('{body}', '$BODY')
        .replaceAll(/\{(hex|base64)\}/g, '$SIGNATURE');
    const secret =
      key === 'base64'
        ? '-mac HMAC -macopt "hexkey:$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | xxd -p -c 256)"'
        : '-hmac "$SECRET"';
    const [name] = (signature['secrets'] as readonly string[] | undefined) ?? [];
    lines.push(`: "\${SECRET:?the value of the secret ${quoted(name ?? '')}}"`);
    if (isTimed) lines.push('TIME=$(date +%s)');
    if (idHeader !== undefined) lines.push('ID=msg_$(openssl rand -hex 12)');
    lines.push(
      `SIGNATURE=$(printf %s "${filled(payload)}" |`,
      `  openssl dgst -${quoted(algorithm)} ${secret} -binary | ${format.includes('{base64}') ? 'openssl base64 -A' : 'xxd -p -c 256'})`,
    );
    headers.push(`${quoted(scheme.header)}: ${filled(format)}`);
    if (timestampHeader !== undefined) headers.push(`${quoted(timestampHeader)}: $TIME`);
    if (idHeader !== undefined) headers.push(`${quoted(idHeader)}: $ID`);
  }
  return [
    ...lines,
    `curl -sS "${quoted(url)}" \\`,
    ...headers.map((header) => `  -H "${header}" \\`),
    '  --data-binary "$BODY"',
  ].join('\n');
}
