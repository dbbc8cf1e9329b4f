const BY_CODE: readonly (readonly [RegExp, Advice])[] = [
  [/timeout|expired/, 'timeout'],
  [/worker_lost/, 'workerLost'],
  [/too_large|too_costly|too_many/, 'tooLarge'],
  [/^http\./, 'http'],
  [/^(outbound|network|address|outbound|dns|tls|connection)/, 'network'],
  [/^expression\./, 'expression'],
  [/^(secret|env)\./, 'secret'],
  [/^approval\./, 'approval'],
  [/cancelled|aborted/, 'cancelled'],
  [/^(input|parameters?|field|output)\./, 'input'],
];

export type Advice =
  | 'timeout'
  | 'workerLost'
  | 'tooLarge'
  | 'http'
  | 'network'
  | 'expression'
  | 'secret'
  | 'approval'
  | 'cancelled'
  | 'input'
  | 'other';

/** What to do about a failure, by its code. */
export function adviceFor(code: string | undefined): Advice {
  return BY_CODE.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? 'other';
}
