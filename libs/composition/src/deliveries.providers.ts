import { DeadLetters, Deliverer, Delivering, WebhookSecrets } from '@flow/deliveries';
import { Clock, IdGenerator, Random } from '@flow/kernel';
import { HttpClient } from '@flow/platform';
import { SecretBox } from '@flow/secrets';
import { made, type Ground, type Provided } from './made';

/** What is told to addresses outside. */
export const deliveriesProviders = ({ stores, log, metrics }: Ground): readonly Provided[] => [
  made(Delivering, [SecretBox, HttpClient, Clock, Random, IdGenerator], (box, http, clock, random, ids) => {
    const { deliveries: store, webhookSecrets: secretStore } = stores;
    const attempts = metrics.counter('deliveries_total', 'Attempts to deliver callbacks.', ['outcome']);
    metrics.gauge('deliveries_pending', 'Callbacks that wait to be taken.', async () => (await store.counts()).pending);
    metrics.gauge('dead_letters', 'Callbacks that were given up.', async () => (await store.counts()).dead);
    return new Delivering(
      { store, secretStore, box, http, clock, random, ids },
      {
        onFault: (error) => log.error({ err: error }, 'a callback could not be looked after; it is tried again'),
        onAttempt: (outcome) => attempts.inc({ outcome }),
      },
    );
  }),
  made(Deliverer, [Delivering], ({ deliverer }) => deliverer),
  made(DeadLetters, [Delivering], ({ deadLetters }) => deadLetters),
  made(WebhookSecrets, [Delivering], ({ secrets }) => secrets),
];
