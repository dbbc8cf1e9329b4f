import { readFileSync } from 'node:fs';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { KafkaMisconfigured } from './kafka.errors';

/** As the settings say it. */
export interface KafkaPlace {
  /** host:port each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** `off`, `on` (trusted are the authorities that Node trusts), or the file of the authority that is trusted. */
  readonly tls: string;
  readonly saslMechanism: 'off' | 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly saslUsername: string | null;
  readonly saslPassword: string | null;
  /** What names of our own topics begin with. */
  readonly prefix: string;
  /** Whether a topic of ours that is missing is made, as the broker's defaults say. */
  readonly createsTopics: boolean;
}

const DEFAULT_PORT = 9_092;

/** What the client is told of a place. @throws KafkaMisconfigured, which shows no password */
export function clientConfigOf(place: KafkaPlace): Pick<KafkaConfig, 'brokers' | 'clientId' | 'ssl' | 'sasl'> {
  const { brokers, clientId, tls } = place;
  const sasl = saslOf(place);
  return {
    brokers: brokers.map((one) => (/:\d+$/.test(one) ? one : `${one}:${DEFAULT_PORT}`)),
    clientId,
    ...(tls !== 'off' && { ssl: tls === 'on' ? {} : { ca: authorityIn(tls) } }),
    ...(sasl && { sasl }),
  };
}

function saslOf({ saslMechanism: mechanism, saslUsername, saslPassword }: KafkaPlace): SASLOptions | undefined {
  if (mechanism === 'off') {
    if (saslUsername === null && saslPassword === null) return undefined;
    throw new KafkaMisconfigured(
      'KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD is set, and KAFKA_SASL_MECHANISM is off: set it to plain, scram-sha-256 or scram-sha-512, or take the others away.',
    );
  }
  if (saslUsername === null || saslPassword === null)
    throw new KafkaMisconfigured(
      `KAFKA_SASL_MECHANISM is ${mechanism}: KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set too.`,
    );
  return { mechanism, username: saslUsername, password: saslPassword };
}

function authorityIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new KafkaMisconfigured(
      `KAFKA_TLS names the file ${file}, which cannot be read (${why}): name the certificate of the authority, as PEM.`,
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new KafkaMisconfigured(
    `KAFKA_TLS names the file ${file}, which holds no certificate: name that of the authority, as PEM.`,
  );
}
