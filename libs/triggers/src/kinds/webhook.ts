import { durationMs, pointerTo, type Fault } from '@flow/kernel';
import { givenSchemaProblem } from '@flow/operators';
import { RESPOND_MODES, answerFaults, type HookConfig } from '../hooks/hook-config';
import { NEVER_SEEN } from '../hooks/hook-event';
import { ALGORITHMS, SIGNATURE_PRESETS, signatureFaults } from '../hooks/hook-signature';
import { closed, type KindRules } from './kind';

const HEADER = { type: 'string', pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$", description: 'The name of a header' };
const LONGEST_RATE_MS = 86_400_000;

export const webhook: KindRules = {
  config: closed({
    signature: closed(
      {
        preset: { enum: [...SIGNATURE_PRESETS] },
        header: HEADER,
        format: {
          type: 'string',
          minLength: 1,
          maxLength: 200,
          description: 'What the header holds: {hex} or {base64}, and {timestamp}; {hex} when absent',
        },
        payload: {
          type: 'string',
          minLength: 1,
          maxLength: 200,
          description: 'What was signed: {body}, {timestamp}, {id}; {timestamp}.{body} or {body} when absent',
        },
        timestampHeader: HEADER,
        idHeader: HEADER,
        algorithm: { enum: [...ALGORITHMS], description: 'sha256 when absent; sha1 only for who has nothing else' },
        key: { enum: ['text', 'base64'], description: 'What a secret holds; text when absent' },
        secrets: {
          type: 'array',
          minItems: 1,
          maxItems: 2,
          uniqueItems: true,
          items: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' },
          description: 'Names of secrets: the one in use, and the next or the last one',
        },
        toleranceSeconds: { type: 'integer', minimum: 1, maximum: 86_400, description: '300 when absent' },
      },
      ['secrets'],
    ),
    schema: { type: 'object', additionalProperties: true, description: 'JSON Schema of the body' },
    headers: { type: 'array', maxItems: 20, items: HEADER, description: 'Further headers that `event.headers` shows' },
    rateLimit: closed({ max: { type: 'integer', minimum: 1, maximum: 1_000_000 }, per: { type: 'string' } }, ['max']),
    respond: closed({
      mode: { enum: [...RESPOND_MODES], description: 'accepted when absent' },
      timeout: { type: 'string', description: 'How long a result is waited for, PT60S at most; PT30S when absent' },
      status: { type: ['integer', 'string'], minimum: 200, maximum: 599 },
      body: { description: 'With expressions that read result, status, event and trigger; the result when absent' },
    }),
  }),
  faults: (config) => webhookFaults(config),
  expressions: ['respond'],
  lookup: (_config, { standing, fresh }) => (standing === undefined || standing === '' ? fresh() : standing),
};

function webhookFaults({ signature, schema, headers = [], rateLimit, respond }: HookConfig): Fault[] {
  const problem = schema && givenSchemaProblem(schema);
  const own = [signature?.header, signature?.timestampHeader, signature?.idHeader].map((name) => name?.toLowerCase());
  const perMs = rateLimit?.per === undefined ? 60_000 : durationMs(rateLimit.per);
  return [
    ...(signature ? below('signature', signatureFaults(signature)) : []),
    ...(respond ? below('respond', answerFaults(respond)) : []),
    ...(problem === undefined
      ? []
      : [{ pointer: '/schema', code: 'schema.invalid', message: `The schema cannot be used: ${problem}` }]),
    ...(perMs !== undefined && perMs >= 1_000 && perMs <= LONGEST_RATE_MS
      ? []
      : [{ pointer: '/rateLimit/per', code: 'field.invalid', message: '"per" is PT1S to P1D, like PT1M.' }]),
    ...headers.flatMap((name, i) =>
      NEVER_SEEN.includes(name.toLowerCase()) || own.includes(name.toLowerCase())
        ? [
            {
              pointer: pointerTo('/headers', i),
              code: 'field.invalid',
              message: `The header ${name} lets somebody in: it is shown to nobody.`,
            },
          ]
        : [],
    ),
  ];
}

function below(name: string, faults: readonly Fault[]): Fault[] {
  return faults.map((fault) => ({ ...fault, pointer: `${pointerTo('', name)}${fault.pointer}` }));
}
