import { AppError } from '@flow/kernel';

/**
 * Kafka (KAFKA_BROKERS) cannot be reached, does not answer in time, or refuses what is asked. Nothing is lost: events wait in the store, and what is
 * read is read on.
 */
export class KafkaUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'kafka.unavailable';
  override readonly retryAfterMs = 5_000;
  /** `brokers`: without user and password. Errors of the client may hold what was sent: only what they say is kept. */
  constructor(brokers: string, why: unknown) {
    super(`Kafka at ${brokers} (KAFKA_BROKERS) ${saying(why)}`, { brokers });
  }
}

/** A topic that is needed does not exist. It is not made by itself unless KAFKA_CREATE_TOPICS is on; what was to be told waits. */
export class KafkaTopicMissing extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'kafka.topic_missing';
  constructor(topics: readonly string[], brokers: string) {
    super(
      `Kafka at ${brokers} (KAFKA_BROKERS) has no topic ${topics.join(', ')}. Create it, set KAFKA_TOPIC_PREFIX to the beginning of the topics that are there, or let them be made by KAFKA_CREATE_TOPICS=on.`,
      { topics },
    );
  }
}

/** A setting of Kafka that no start can be made with. */
export class KafkaMisconfigured extends AppError {
  readonly kind = 'invalid';
  readonly code = 'kafka.misconfigured';
}

/** What the client said, down to the first cause. */
export function saidBy(error: unknown): string {
  let text = error instanceof Error ? error.message : String(error);
  for (let cause = causeOf(error), depth = 0; cause && depth < 5; cause = causeOf(cause), depth += 1)
    if (!text.includes(cause.message)) text += `; ${cause.message}`;
  return text;
}

function causeOf(error: unknown): Error | undefined {
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause instanceof Error ? cause : undefined;
}

function saying(why: unknown): string {
  const text = saidBy(why);
  if (/SASL|authentication fail|SCRAM|invalid credentials/i.test(text))
    return `refuses the user or the password, or the way in which they are sent: look at KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (${text}).`;
  if (/altname/i.test(text))
    return `has a certificate for another name: KAFKA_BROKERS, and what the brokers advertise, must name hosts as the certificate does (${text}).`;
  if (/certificate|self.signed/i.test(text))
    return `has a certificate that is not trusted: KAFKA_TLS must name the file of the authority that signed it, as PEM (${text}).`;
  if (/before secure TLS|SSL routines|wrong version number/i.test(text))
    return `and this service do not agree on TLS: look at KAFKA_TLS (${text}).`;
  if (/group\.min\.session\.timeout\.ms/.test(text))
    return `does not allow this KAFKA_SESSION_TIMEOUT: set it to what group.min.session.timeout.ms and group.max.session.timeout.ms of its brokers allow.`;
  if (/not authorized|AUTHORIZATION_FAILED/i.test(text))
    return `does not permit its user (KAFKA_SASL_USERNAME) what is needed: ${text}.`;
  if (/Closed connection/i.test(text))
    return `closed the connection. When it always does, it wants TLS or a password and gets none: look at KAFKA_TLS and KAFKA_SASL_MECHANISM (${text}).`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|Connection|Closed|timed? ?out|Timeout/i.test(text))
    return `cannot be reached: is it there, and are host and port right, also those that it advertises? (${text})`;
  return `cannot be used: ${text}.`;
}
